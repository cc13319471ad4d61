#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Disks, conversions and changed extents from a seed.

random-disk.py SEED DIRECTORY: writes, for test-random-disks.sh,
    disk        the source, of any size from 1 byte on
    writes      arguments for qemu-io, one a line: what a conversion does
    before      what the target has where only extents are copied
    extents     these, as --changed-extents takes them
    expected    what the target must have in the end
    case        shell variables: source, output, and more options
"""

import json
import os
import random
import sys

seed, directory = sys.argv[1:]
rnd = random.Random('disk ' + seed)
K = 1024


def random_size():
    return rnd.choice([
        lambda: rnd.randint(1, 600),
        lambda: rnd.randint(1, 200 * K),
        lambda: rnd.randint(1, 64) * 64 * K + rnd.choice([-1, 0, 0, 1, 512]),
        lambda: rnd.randint(1, 5000) * 512,
        lambda: rnd.randint(1, 12000 * K),
    ])()


def extents(size, most):
    """Aligned to bytes, sectors, blocks or clusters, in any mixture."""
    for _ in range(rnd.randint(0, most)):
        unit = rnd.choice([1, 512, 4 * K, 64 * K])
        start = rnd.randrange(size) // unit * unit
        length = rnd.choice([1, 1, 2, 3, 16, rnd.randint(1, 40)]) * unit
        if rnd.random() < 0.1:
            start, length = size - min(length, size), length
        yield start, min(length, size - start)


def data(length):
    kind = rnd.randrange(4)
    if kind == 0:
        return bytes(length)
    if kind == 1:               # compresses well
        return bytes([rnd.randrange(1, 256)]) * length
    content = bytearray(rnd.randbytes(length))
    if kind == 2:               # runs of zeroes in data
        for start, n in extents(length, 6):
            content[start:start + n] = bytes(n)
    return bytes(content)


def path(name):
    return os.path.join(directory, name)


def write_sparse(name, size, content, kept):
    with open(path(name), 'wb') as f:
        f.truncate(size)
        for start, length in kept:
            f.seek(start)
            f.write(content[start:start + length])


size = random_size()
disk = bytearray(size)
written = list(extents(size, 40))
for start, length in written:
    disk[start:start + length] = data(length)
write_sparse('disk', size, disk, written)

source = rnd.choice(['file', 'file', 'nbd', 'few', 'http', 'nbdkit', 'qcow2',
                     'vmdk', 'vdi'])
output = rnd.choice(['raw', 'raw', 'preallocated', 'qcow2', 'qcow2-falloc',
                     'compressed', 'compressed', 'device', 'nbd', 'nbd-qemu'])
if source in ('few', 'qcow2', 'vmdk', 'vdi'):
    # qemu knows whole sectors only.
    size = (size + 511) // 512 * 512
    disk += bytes(size - len(disk))
rounded = (size + 511) // 512 * 512
changed = output in ('raw', 'qcow2', 'nbd') and rnd.random() < 0.25

# A conversion sees whole sectors.  Where only extents are copied it works on
# the target, after that.
writes = []
done = []                       # start, end, value
if rnd.random() < 0.6:
    for start, length in extents(rounded, 20):
        start, end = start // 512 * 512, (start + length + 511) // 512 * 512
        value = rnd.randrange(256)
        what = rnd.choice(['write', 'write', 'zero', 'discard'])
        if what == 'write':
            writes.append(f'write -P {value} {start} {end - start}')
            done.append((start, end, value))
        elif what == 'zero':
            flag = rnd.choice(['', '-u '])
            writes.append(f'write -z {flag}{start} {end - start}')
            done.append((start, end, 0))
        else:
            # Whole clusters only: the rest of a discard does nothing, or not.
            start, end = (start + 65535) // 65536 * 65536, end // 65536 * 65536
            if start < end:
                writes.append(f'write -z -u {start} {end - start}')
                done.append((start, end, 0))

expected = disk
if changed:
    expected = bytearray(rnd.randbytes(size))
    with open(path('before'), 'wb') as f:
        f.write(expected)
    ranges = sorted(extents(size, 12))
    with open(path('extents'), 'w') as f:
        json.dump([{'start': s, 'length': n} for s, n in ranges], f)
    for start, length in ranges:
        expected[start:start + length] = disk[start:start + length]
expected += bytes(rounded - size)
for start, end, value in done:
    expected[start:end] = bytes([value]) * (end - start)
with open(path('writes'), 'w') as f:
    f.writelines(line + '\n' for line in writes)
with open(path('expected'), 'wb') as f:
    f.write(expected[:size])

options = []
if rnd.random() < 0.3:
    options += [] if changed else ['--verify']
if rnd.random() < 0.3:
    options.append('--request-size=%dk' % rnd.choice([64, 128, 1024]))
if rnd.random() < 0.3:
    options.append('--connections=%d' % rnd.randint(1, 4))
with open(path('case'), 'w') as f:
    f.write(f"""source={source} output={output} size={size}
changed={'yes' if changed else 'no'}
options=({' '.join(options)})
""")
