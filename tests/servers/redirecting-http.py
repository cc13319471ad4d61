#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""A web server that sends its clients elsewhere.

redirecting-http.py PORT FILE LOG [CERTIFICATE KEY]: FILE at any path, with
Range, but for those that begin with

  /STATUS/REST      (301, 302, 303, 307, 308) redirected to REST, which is a
                    URL, or a path of this server
  /big/REST         302, with a page of 1 MiB of 0xff bytes
  /token/REST       302 to REST?token=N, another one each time
  /signed/REST      302 to REST?X-Amz-Expires=60, the same each time
  /other/REST       302 to REST/N, another one each time
  /after/N/REST     the file, but from the Nth request of this path on as /REST
  /behind/N/REST    the file, but what is asked for from byte N on as /REST
  /raw/TEXT         302 to TEXT, percent-decoded, as it is
  /loop             302 to itself
  /need/NAME        403 without the header NAME, else the file

The file has an ETag.  LOG gets a line for each request: method, path, and
those of Authorization, Cookie, X-Auth and User-Agent that it has.
"""

import collections
import http.server
import re
import ssl
import sys
import urllib.parse

port, file, log = int(sys.argv[1]), sys.argv[2], sys.argv[3]
with open(file, 'rb') as f:
    data = f.read()
asked = collections.Counter()
shown = ('Authorization', 'Cookie', 'X-Auth', 'User-Agent')


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        headers = ' '.join(f'{name}={self.headers[name]!r}' for name in shown
                           if self.headers[name])
        with open(log, 'a') as f:
            f.write(f'{self.command} {self.path} {headers}\n')
        asked[self.path] += 1
        self.answer(self.path, asked[self.path])

    do_GET = do_HEAD

    def answer(self, path, number):
        word, _, rest = path[1:].partition('/')
        if word == 'after':
            first, _, rest = rest.partition('/')
            if number >= int(first):
                return self.answer('/' + rest, number)
        elif word == 'behind':
            first, _, rest = rest.partition('/')
            if self.first_byte() >= int(first):
                return self.answer('/' + rest, number)
        elif word == 'raw':
            text = urllib.parse.unquote(rest, 'latin-1')
            return self.send(302, b'', [('Location', text)])
        elif word == 'need' and rest not in self.headers:
            return self.send(403, b'')
        elif word == 'loop':
            return self.redirect(302, 'loop')
        elif word.isdigit() and rest:
            return self.redirect(int(word), rest)
        elif word == 'big':
            return self.redirect(302, rest, b'\xff' * (1 << 20))
        elif word == 'token':
            return self.redirect(302, f'{rest}?token={number}')
        elif word == 'signed':
            return self.redirect(302, f'{rest}?X-Amz-Expires=60')
        elif word == 'other':
            return self.redirect(302, f'{rest}/{number}')
        self.send_file()

    def first_byte(self):
        found = re.match(r'bytes=(\d+)-', self.headers.get('Range', ''))
        return int(found[1]) if found else 0

    def redirect(self, status, to, page=b''):
        if not re.match('[a-z]+:', to):
            to = '/' + to
        self.send(status, page, [('Location', to)])

    def send_file(self):
        found = re.match(r'bytes=(\d+)-(\d+)', self.headers.get('Range', ''))
        if not found or self.command == 'HEAD':
            return self.send(200, data)
        start, end = int(found[1]), min(int(found[2]), len(data) - 1)
        self.send(206, data[start:end + 1],
                  [('Content-Range', f'bytes {start}-{end}/{len(data)}')])

    def send(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if status < 300:
            self.send_header('ETag', '"v1"')
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command == 'GET':
            self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request, address):
        pass


server = Server(('127.0.0.1', port), Handler)
if len(sys.argv) > 4:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[4], sys.argv[5])
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
server.serve_forever()
