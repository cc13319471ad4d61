#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""xfs-free.py IMAGE

The free runs of an XFS, as "OFFSET LENGTH" in bytes: what xfs_db lists as free
in its btrees and free lists, without the blocks of the latter.
"""

import re
import subprocess
import sys


def xfs_db(image, *commands):
    """What xfs_db prints."""
    argv = ["xfs_db", "-r"]
    for command in commands:
        argv += ["-c", command]
    return subprocess.run(argv + [image], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def values(text):
    """The lines "name = value" of TEXT."""
    for line in text.splitlines():
        name, equals, value = line.partition(" = ")
        if equals:
            yield name, value


def listed(value):
    """The elements of an array, which is printed as "1:10 2-4:null"."""
    ret = {}
    for first, last, block in re.findall(r"(\d+)(?:-(\d+))?:(\w+)", value):
        for i in range(int(first), int(last or first) + 1):
            ret[i] = block
    return ret


def free_lists(image, groups):
    """The blocks in the groups' free lists, as (group, block)."""
    commands = []
    for group in range(groups):
        commands += ["agf %d" % group, "print flfirst flcount",
                     "agfl %d" % group, "print bno"]
    group = -1
    for name, value in values(xfs_db(image, *commands)):
        if name == "flfirst":
            group += 1
            first = int(value)
        elif name == "flcount":
            count = int(value)
        else:
            blocks = listed(value)
            for i in range(first, first + count):
                yield group, int(blocks[i % len(blocks)])


def free_runs(image):
    """Free runs and entries of free lists, as (group, block, count)."""
    for line in xfs_db(image, "freesp -d").splitlines():
        numbers = line.split()
        if "from" in numbers:
            break
        if len(numbers) == 3 and numbers[0].isdigit():
            yield tuple(int(n) for n in numbers)


def main():
    image = sys.argv[1]
    sb = dict(values(xfs_db(image, "sb 0", "print")))
    size = int(sb["blocksize"])
    runs = set(free_runs(image))
    for group, block in free_lists(image, int(sb["agcount"])):
        runs.remove((group, block, 1))
    joined = []
    for group, block, count in sorted(runs):
        begin = (group * int(sb["agblocks"]) + block) * size
        end = begin + count * size
        if joined and joined[-1][1] == begin:
            joined[-1][1] = end
        else:
            joined.append([begin, end])
    for begin, end in joined:
        print(begin, end - begin)


main()
