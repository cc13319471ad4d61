#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
#     terminal.py COLUMNS[,LATER] COMMAND...
#
# Run COMMAND on a terminal of that width (after a second it becomes LATER
# columns wide) and print what its screen shows in the end.  What a terminal
# would not understand is an error.  The raw bytes go to $TERMINAL_RAW; where
# $TERMINAL_INTERRUPT is set Ctrl-C is typed once the raw bytes hold it, and
# where $TERMINAL_QUESTION is set the line $TERMINAL_ANSWER.
# The exit status is the command's, as a shell gives it.

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time

SEQUENCE = re.compile(rb"\x1b\[([0-9;]*)([A-Za-z])")


class Screen:
    def __init__(self, columns):
        self.columns = columns
        self.lines = [""]
        self.row = self.column = 0
        self.colour = False

    def resize(self, columns):
        """As terminals do that keep lines together: long ones are folded."""
        folded, row = [], 0
        for i, line in enumerate(self.lines):
            if i == self.row:
                row = len(folded)
            folded += [line[j:j + columns] or ""
                       for j in range(0, max(len(line), 1), columns)]
        self.columns, self.lines, self.row = columns, folded, row

    def put(self, c):
        if self.column == self.columns:
            self.newline()
            self.column = 0
        line = self.lines[self.row].ljust(self.column)
        self.lines[self.row] = line[:self.column] + c + \
            line[self.column + 1:]
        self.column += 1

    def newline(self):
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append("")

    def control(self, number, letter):
        if letter == b"A":
            self.row = max(0, self.row - int(number or 1))
        elif letter == b"J" and number in (b"", b"0"):
            del self.lines[self.row + 1:]
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif letter == b"K" and number in (b"", b"0"):
            self.lines[self.row] = self.lines[self.row][:self.column]
        elif letter == b"m":
            self.colour = number not in (b"", b"0")
        else:
            sys.exit(f"unknown sequence: {number} {letter}")

    def feed(self, data):
        """Returns what is the beginning of a sequence."""
        while data:
            if data[0] == 0x1b:
                found = SEQUENCE.match(data)
                if not found:
                    if len(data) > 12:
                        sys.exit(f"unknown sequence: {data[:20]}")
                    return data
                self.control(*found.groups())
                data = data[found.end():]
                continue
            if data[0] == 0x0d:
                self.column = 0
            elif data[0] == 0x0a:
                self.newline()
            elif data[0] >= 0x20:
                self.put(chr(data[0]))
            data = data[1:]
        return b""


def set_width(fd, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))


def run(widths, command):
    pid, fd = pty.fork()
    if pid == 0:
        set_width(0, widths[0])
        os.execvp(command[0], command)
    screen, raw, rest, started = Screen(widths.pop(0)), b"", b"", time.time()
    typed = [(os.environ.get("TERMINAL_INTERRUPT", "").encode(), b"\x03"),
             (os.environ.get("TERMINAL_QUESTION", "").encode(),
              os.environ.get("TERMINAL_ANSWER", "").encode() + b"\n")]
    while True:
        if widths and time.time() > started + 1:
            screen.resize(widths[0])
            set_width(fd, widths.pop(0))
        if not select.select([fd], [], [], 0.1)[0]:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            data = b""
        if not data:
            break
        raw += data
        rest = screen.feed(rest + data)
        for what in typed[:]:
            if what[0] and what[0] in raw:
                os.write(fd, what[1])
                typed.remove(what)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if not termios.tcgetattr(fd)[3] & termios.ECHO:
        sys.exit("the terminal does not echo any more")
    with open(os.environ.get("TERMINAL_RAW", "/dev/null"), "wb") as f:
        f.write(raw)
    for line in screen.lines:
        print(line.rstrip())
    if screen.colour or screen.column != 0 or rest:
        sys.exit("the terminal is not as it was")
    return status if status >= 0 else 128 - status


sys.exit(run([int(n) for n in sys.argv[1].split(",")], sys.argv[2:]))
