#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fragment.py DIRECTORY HOLES: the file system that is mounted at DIRECTORY
# gets so many free runs more, all over it, without a byte being written:
# files that take nearly all of it get holes.

import ctypes
import os
import random
import sys

libc = ctypes.CDLL(None, use_errno=True)
KEEP_SIZE, PUNCH_HOLE = 1, 2
FILE = 64 << 30


def allocate(fd, mode, offset, length):
    if libc.fallocate(fd, mode, ctypes.c_int64(offset),
                      ctypes.c_int64(length)) == -1:
        raise OSError(ctypes.get_errno(), "fallocate")


def main():
    root, holes = sys.argv[1], int(sys.argv[2])
    at = os.statvfs(root)
    files = at.f_bavail * at.f_frsize * 9 // 10 // FILE
    chance = random.Random(1)
    for n in range(files):
        fd = os.open(os.path.join(root, str(n)), os.O_RDWR | os.O_CREAT)
        allocate(fd, 0, 0, FILE)
        each = holes // files
        for hole in range(each):
            start = FILE // each * hole
            allocate(fd, KEEP_SIZE | PUNCH_HOLE, start >> 12 << 12,
                     chance.randint(1, FILE // each >> 13) << 12)
        os.close(fd)


main()
