#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An SFTP server that sshd runs as its subsystem, and that is peculiar:

    sftp.py KIND...

  max=N           sends at most N bytes in a reply
  reversed        answers all reads that have come in the reverse order
  silent=N,FILE   has nothing more to say after N bytes, unless FILE is there,
                  which it then makes
  gone=N,FILE     hangs up instead
  fails=N         every read behind N bytes fails
  no-stat         tells sizes only of files that are open
  wrong=WHAT      answers the third read with nonsense: id (of nobody), twice,
                  long (more than was asked for), length (none that can be),
                  type, empty (no data and no end), cut (hangs up in it)
"""

import os
import select
import struct
import sys

kinds = dict((word.split("=", 1) + [""])[:2] for word in sys.argv[1:])
limit = int(kinds.get("max", 261120))
sent = 0
reads = 0


def send(kind, number, body=b""):
    data = struct.pack(">IBI", 5 + len(body), kind, number) + body
    while data:
        data = data[os.write(1, data):]


def string(data):
    return struct.pack(">I", len(data)) + data


def status(number, code):
    send(101, number, struct.pack(">I", code) + string(b"sorry") + string(b""))


def once(kind):
    """Has the moment of KIND come, for the first time of all servers?"""
    if kind not in kinds:
        return False
    after, path = kinds[kind].split(",")
    if sent < int(after):
        return False
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def nonsense(number, data):
    what = kinds["wrong"]
    if what == "id":
        send(103, number + 256, string(data))
    elif what == "twice":
        send(103, number, string(data))
        send(103, number, string(data))
    elif what == "long":
        send(103, number, string(data + bytes(1)))
    elif what == "length":
        os.write(1, struct.pack(">IBII", 0xffffffff, 103, number, 0xfffffff7))
    elif what == "type":
        send(200, number, string(data))
    elif what == "empty":
        send(103, number, string(b""))
    elif what == "cut":
        os.write(1, struct.pack(">IBII", 9 + len(data), 103, number,
                                len(data)) + data[:len(data) // 2])
        sys.exit(0)


def answer_read(number, fd, offset, length):
    global sent, reads
    if once("silent"):
        while os.read(0, 65536):
            pass
        sys.exit(0)
    if once("gone"):
        sys.exit(0)
    if "fails" in kinds and offset + length > int(kinds["fails"]):
        status(number, 4)
        return
    data = os.pread(fd, min(length, limit), offset)
    reads += 1
    if "wrong" in kinds and reads == 3:
        nonsense(number, data)
    elif data:
        send(103, number, string(data))
        sent += len(data)
    else:
        status(number, 1)


def attributes(number, path):
    try:
        found = os.stat(path)
    except OSError:
        status(number, 2)
        return
    send(105, number, struct.pack(">IQI", 5, found.st_size, found.st_mode))


def answer_open(number, path):
    try:
        fd = os.open(path, os.O_RDONLY)
    except OSError:
        status(number, 2)
        return
    send(102, number, string(struct.pack(">I", fd)))


def exactly(length):
    data = b""
    while len(data) < length:
        more = os.read(0, length - len(data))
        if not more:
            sys.exit(0)
        data += more
    return data


def request():
    packet = exactly(struct.unpack(">I", exactly(4))[0])
    kind, number = struct.unpack(">BI", packet[:5])
    length = struct.unpack(">I", packet[5:9])[0] if kind != 1 else 0
    return kind, number, packet[9:9 + length], packet[9 + length:]


def waits():
    return bool(select.select([0], [], [], 0)[0])


def main():
    pending = []
    while True:
        if pending and not waits():
            for read in reversed(pending):
                answer_read(*read)
            pending = []
            continue
        kind, number, word, rest = request()
        if kind == 1:
            send(2, 3, string(b"peculiar@example.com") + string(b"1"))
        elif kind == 17 and "no-stat" in kinds:
            status(number, 8)
        elif kind == 17:
            attributes(number, word)
        elif kind == 8:
            attributes(number, struct.unpack(">I", word)[0])
        elif kind == 3:
            answer_open(number, word)
        elif kind == 5:
            read = (number, struct.unpack(">I", word)[0],
                    *struct.unpack(">QI", rest))
            if "reversed" in kinds:
                pending.append(read)
            else:
                answer_read(*read)
        else:
            status(number, 8)


main()
