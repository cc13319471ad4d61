#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""fill.py SEED DIRECTORY MEGABYTES

Let a file system live: about so many megabytes of files are made in DIRECTORY,
side by side so that they are fragmented, most of them deleted, and others made
in their place.  The same SEED makes the same files.
"""

import os
import random
import sys

PIECE = 64 * 1024


def sizes(rng, total):
    """Sizes of files, many of them small, TOTAL bytes together."""
    while total > 0:
        size = min(total, int(2 ** rng.uniform(0, 22)))
        yield size
        total -= size


def make(rng, top, generation, total):
    """Files that grow together, some with holes; return their names."""
    growing = []
    names = []
    for i, size in enumerate(sizes(rng, total)):
        folder = os.path.join(top, "d%d" % rng.randrange(8))
        os.makedirs(folder, exist_ok=True)
        name = os.path.join(folder, "%d-%d" % (generation, i))
        names.append(name)
        growing.append([name, size, 0])
    while growing:
        entry = rng.choice(growing)
        name, size, done = entry
        n = min(PIECE, size - done)
        with open(name, "r+b" if done else "wb") as out:
            out.seek(done)
            if rng.random() < 0.1 and done + n < size:
                out.truncate(done + n)
            else:
                out.write(rng.randbytes(n))
        entry[2] += n
        if entry[2] >= size:
            growing.remove(entry)
    return names


def main():
    seed, top, megabytes = sys.argv[1:]
    rng = random.Random(seed)
    total = int(float(megabytes) * 1024 * 1024)
    names = make(rng, top, 0, total)
    rng.shuffle(names)
    for name in names[:len(names) * 2 // 3]:
        os.unlink(name)
    make(rng, top, 1, total // 3)


main()
