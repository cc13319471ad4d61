#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""A web server that does one thing wrong.

hostile-http.py PORT FAULT [NUMBER]: a file of 1 MiB of 0x55 bytes at any
path.  Faults: cut (a connection ends after NUMBER bytes), size (HEAD says
that the file has NUMBER bytes), short (half of each range), endless (never
stops to send), range (other bytes than asked for, and says so), headers
(megabytes of them), rubbish (no HTTP), stall (half an answer, then nothing),
continue (100 Continue for ever), away (redirects for ever, each after 0.9
seconds), head-trickles (the headers of an answer to HEAD never end),
first-trickles (nor the bytes of one to a GET of more than one).
"""

import re
import socket
import sys
import threading
import time

SIZE = 1 << 20
port, fault = int(sys.argv[1]), sys.argv[2]
number = int(sys.argv[3]) if len(sys.argv) > 3 else 0


class Closed(Exception):
    pass


class Client:
    def __init__(self, conn):
        self.conn = conn
        self.file = conn.makefile('rb')
        self.sent = 0

    def send(self, data):
        if fault == 'cut' and self.sent + len(data) > number:
            self.conn.sendall(data[:number - self.sent])
            raise Closed
        self.conn.sendall(data)
        self.sent += len(data)

    def trickle(self, data):
        while True:
            self.send(data)
            time.sleep(0.5)

    def head(self, status, length, extra=''):
        self.send((f'HTTP/1.1 {status}\r\nContent-Length: {length}\r\n'
                   f'Accept-Ranges: bytes\r\n{extra}\r\n').encode())

    def request(self):
        lines = []
        while True:
            line = self.file.readline(65536)
            if not line:
                raise Closed
            if line == b'\r\n':
                return b''.join(lines).decode('latin-1')
            lines.append(line)

    def answer(self, request):
        match = re.search(r'^Range: bytes=(\d+)-(\d+)', request, re.M | re.I)
        if fault == 'rubbish':
            self.send(b'\0\xff' * 1000)
            raise Closed
        if fault == 'headers':
            self.send(b'HTTP/1.1 200 OK\r\n')
            for i in range(100):
                self.send(b'X-%d: ' % i + b'y' * 60000 + b'\r\n')
        while fault == 'continue':
            self.send(b'HTTP/1.1 100 Continue\r\n\r\n')
            time.sleep(0.2)
        if fault == 'away':
            time.sleep(0.9)
            self.head('302 Found', 0, 'Location: /%d\r\n' % self.sent)
            return
        if fault == 'head-trickles' and request.startswith('HEAD'):
            self.send(b'HTTP/1.1 200 OK\r\n')
            self.trickle(b'X: y\r\n')
        if request.startswith('HEAD') or not match:
            self.head('200 OK', number if fault == 'size' else SIZE)
            if not request.startswith('HEAD'):
                self.send(b'\x55' * SIZE)
            return
        start, end = int(match[1]), min(int(match[2]), SIZE - 1)
        if start > end:
            self.head('416 Range Not Satisfiable', 0)
            return
        length = end - start + 1
        if fault == 'range':
            start += 512
            end += 512
        self.head('206 Partial Content', length,
                  f'Content-Range: bytes {start}-{end}/{SIZE}\r\n')
        if fault == 'first-trickles' and length > 1:
            self.trickle(b'x')
        if fault == 'short':
            self.send(b'\x55' * (length // 2))
            raise Closed
        if fault == 'stall':
            self.send(b'\x55' * (length // 2))
            time.sleep(1000)
        self.send(b'\x55' * length)
        while fault == 'endless':
            self.send(b'\x55' * 65536)

    def serve(self):
        while True:
            self.answer(self.request())


def serve(conn):
    try:
        Client(conn).serve()
    except (Closed, OSError, ValueError):
        pass
    conn.close()


server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', port))
server.listen(64)
while True:
    conn, _ = server.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
