#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""A web server whose files become other ones while they are read.

changing-http.py PORT DIRECTORY: the path /NAME.K is the file NAME of
DIRECTORY until its first bytes have been read K times, and from then on
NAME.after.  Both must have the same size.  Nothing tells the two apart but
their content.
"""

import collections
import http.server
import os
import re
import sys

port, directory = int(sys.argv[1]), sys.argv[2]
reads = collections.Counter()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *args):
        pass

    def content(self, start):
        name, count = self.path[1:].rsplit('.', 1)
        if start == 0:
            reads[self.path] += 1
        if reads[self.path] > int(count):
            name += '.after'
        with open(os.path.join(directory, name), 'rb') as file:
            return file.read()

    def do_HEAD(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(self.content(1))))
        self.send_header('Accept-Ranges', 'bytes')
        self.end_headers()

    def do_GET(self):
        found = re.match(r'bytes=(\d+)-(\d+)', self.headers['Range'] or '')
        start = int(found[1]) if found else 0
        content = self.content(start)
        part = content[start:int(found[2]) + 1] if found else content
        self.send_response(206 if found else 200)
        self.send_header('Content-Length', str(len(part)))
        if found:
            self.send_header('Content-Range',
                             f'bytes {start}-{start + len(part) - 1}'
                             f'/{len(content)}')
        self.end_headers()
        self.wfile.write(part)


http.server.ThreadingHTTPServer(('127.0.0.1', port), Handler).serve_forever()
