#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""An NBD server that does one thing wrong.

hostile-nbd.py SOCKET FAULT [NUMBER]: a disk of 1 MiB of 0x55 bytes on the
Unix socket.  Faults: cut (the connection ends after NUMBER bytes), flip
(byte NUMBER that is sent has all its bits inverted), size (the disk claims
to have NUMBER bytes), short (half of what is read), endless (never stops
to send), cookie (of a request that nobody made), error (each read fails),
options (answers to options are large), stall (half an answer, then nothing).
"""

import os
import socket
import struct
import sys
import threading
import time

SIZE = 1 << 20
REPLY = 0x3e889045565a9
path, fault = sys.argv[1:3]
number = int(sys.argv[3]) if len(sys.argv) > 3 else 0


class Closed(Exception):
    pass


class Client:
    def __init__(self, conn):
        self.conn = conn
        self.sent = 0

    def send(self, data):
        if fault == 'cut' and self.sent + len(data) > number:
            self.conn.sendall(data[:number - self.sent])
            raise Closed
        if fault == 'flip' and self.sent <= number < self.sent + len(data):
            data = bytearray(data)
            data[number - self.sent] ^= 0xff
        self.conn.sendall(data)
        self.sent += len(data)

    def recv(self, n):
        data = b''
        while len(data) < n:
            part = self.conn.recv(n - len(data))
            if not part:
                raise Closed
            data += part
        return data

    def option_reply(self, option, kind, data=b''):
        self.send(struct.pack('>QIII', REPLY, option, kind, len(data)) + data)

    def size(self):
        return number if fault == 'size' else SIZE

    def negotiate(self):
        self.send(b'NBDMAGICIHAVEOPT' + struct.pack('>H', 3))
        self.recv(4)
        while True:
            _, option, length = struct.unpack('>QII', self.recv(16))
            self.recv(length)
            if fault == 'options':
                for _ in range(200):
                    self.option_reply(option, 3, bytes(60000))
            if option == 1:
                self.send(struct.pack('>QH', self.size(), 0x105)
                          + bytes(0))
                return
            if option in (6, 7):
                self.option_reply(option, 3, struct.pack(
                    '>HQH', 0, self.size(), 0x105))
                self.option_reply(option, 1)
                if option == 7:
                    return
            elif option == 2:
                self.option_reply(option, 1)
                raise Closed
            else:
                self.option_reply(option, 0x80000001)

    def answer(self, cookie, length, is_read):
        reply = struct.pack('>II', 0x67446698, 5 if fault == 'error' else 0)
        if fault == 'cookie':
            cookie = bytes(8)
        self.send(reply + cookie)
        if not is_read or fault == 'error':
            return
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
        self.negotiate()
        while True:
            _, _, command, cookie, _, length = struct.unpack(
                '>IHH8sQI', self.recv(28))
            if command == 2:
                raise Closed
            if command == 1:
                self.recv(length)
            self.answer(cookie, length, command == 0)


def serve(conn):
    try:
        Client(conn).serve()
    except (Closed, OSError, struct.error):
        pass
    conn.close()


server = socket.socket(socket.AF_UNIX)
server.bind(path + '.new')
server.listen(64)
os.rename(path + '.new', path)
while True:
    conn, _ = server.accept()
    threading.Thread(target=serve, args=(conn,), daemon=True).start()
