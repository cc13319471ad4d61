#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""A web server that is particular about what it answers.

particular-http.py PORT FILE LOG HOW...: FILE at any path, with Range; LOG gets
a line for each request: method, If-Match, User-Agent, status.

  etag=TEXT   the ETag (default: none)
  match       If-Match is obeyed: 412
  head=N      HEAD is answered with status N
  head-size=N HEAD says that the file has N bytes
  agent       403 without a User-Agent
  second=FILE every other request is answered by another server, which has
              FILE, of the same size, with another ETag
  change=N    from the Nth request on there is another file, as `second'
  limit=MS    503 to what comes within MS milliseconds of the last request
              that was answered
  until=PATH  503 to everything until PATH exists
  end=N       status N for a range that ends behind the file
  pause=MS    the answer to a question for one byte takes MS milliseconds, and
              the line says how many such questions there are
"""

import http.server
import os
import re
import sys
import threading
import time

port, path, log = int(sys.argv[1]), sys.argv[2], sys.argv[3]
how = dict((a + '=').split('=')[:2] for a in sys.argv[4:] if '"' not in a)
for a in sys.argv[4:]:
    if '"' in a:
        key, how[key] = a.split('=', 1)
with open(path, 'rb') as f:
    first = f.read()
other = None
for key in 'second', 'change':
    if ':' in how.get(key, ''):
        with open(how[key].split(':')[1], 'rb') as f:
            other = f.read()
lock = threading.Lock()
count = 0
asking = 0
last = 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.do_GET()

    def status(self, number, data, tag):
        global last
        match = self.headers.get('If-Match')
        with lock:
            now = time.monotonic()
            if 'limit' in how:
                if now - last < int(how['limit']) / 1000:
                    return 503
                last = now
        if 'until' in how and not os.path.exists(how['until']):
            return 503
        if 'agent' in how and not self.headers.get('User-Agent'):
            return 403
        if self.command == 'HEAD' and 'head' in how:
            return int(how['head'])
        if 'match' in how and match and tag != match:
            return 412
        found = re.match(r'bytes=(\d+)-(\d+)', self.headers.get('Range', ''))
        if self.command == 'HEAD' or not found:
            return 200
        if int(found[1]) >= len(data):
            return 416
        if 'end' in how and int(found[2]) >= len(data):
            return int(how['end'])
        return 206

    def pause(self):
        global asking
        found = re.match(r'bytes=(\d+)-(\d+)', self.headers.get('Range', ''))
        if 'pause' not in how or not found or found[1] != found[2]:
            return ''
        with lock:
            asking += 1
        time.sleep(int(how['pause']) / 1000)
        with lock:
            n = asking
        time.sleep(0.1)
        with lock:
            asking -= 1
        return f', {n} at once'

    def do_GET(self):
        global count
        data, tag = first, how.get('etag')
        at_once = self.pause()
        with lock:
            count += 1
            number = count
        if 'second' in how and number % 2 == 0 or \
           'change' in how and number >= int(how['change'].split(':')[0]):
            data, tag = other, '"other"' if tag else None
        status = self.status(number, data, tag)
        with open(log, 'a') as f:
            print(self.command, self.headers.get('If-Match'),
                  self.headers.get('User-Agent'), f'{status}{at_once}',
                  file=f)
        self.send_response(status)
        length, start = 0, 0
        if tag:
            self.send_header('ETag', tag)
        if status == 206:
            found = re.match(r'bytes=(\d+)-(\d+)', self.headers['Range'])
            start = int(found[1])
            end = min(int(found[2]), len(data) - 1)
            length = end - start + 1
            self.send_header('Content-Range',
                             f'bytes {start}-{end}/{len(data)}')
        elif status == 200:
            length = len(data)
            if self.command == 'HEAD' and 'head-size' in how:
                length = int(how['head-size'])
        self.send_header('Accept-Ranges', 'bytes')
        self.send_header('Content-Length', str(length))
        self.end_headers()
        if self.command == 'GET' and length > 0:
            try:
                self.wfile.write(data[start:start + length])
            except OSError:
                pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request, address):
        pass


Server(('127.0.0.1', port), Handler).serve_forever()
