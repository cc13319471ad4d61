#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""A copy and the faults that meet it, from a seed.

random-fault.py SEED DIRECTORY: writes, for test-fault-campaign.sh,
    disk0, disk1        the sources
    writes0, writes1    arguments for qemu-io, one a line: the conversion
    before0, before1    what the targets have that are there already
    expected0, ...      what the targets must have in the end
    case                shell variables: the kinds of source and output, the
                        options, and the faults, one for each run: "KIND
                        MOMENT DELAY LENGTH ARGUMENT", where MOMENT is "start"
                        or "writing", DELAY the time since then, and LENGTH
                        how long something is away or has stopped
"""

import os
import random
import sys

seed, directory = sys.argv[1:]
rnd = random.Random('fault ' + seed)
K = 1024
M = 1024 * K


def path(name):
    return os.path.join(directory, name)


def write_all(name, size, pieces):
    with open(path(name), 'wb') as f:
        f.truncate(size)
        for start, content in pieces:
            f.seek(start)
            f.write(content)


def random_pieces(size, count, most):
    for _ in range(count):
        unit = rnd.choice([512, 4 * K, 64 * K])
        start = rnd.randrange(size) // unit * unit
        length = min(rnd.randint(1, most // unit) * unit, size - start)
        yield start, rnd.randbytes(length)


# The places of a chunk that is stored, and of one that is not, are more than
# 64 MiB apart.
def make_disk(n):
    size = rnd.randint(1, 8 * M) // 512 * 512 + 512
    if rnd.random() < 0.8:
        size = rnd.randint(130 * M, 200 * M) // 512 * 512
    pieces = list(random_pieces(size, rnd.randint(1, 40), 2 * M))
    writes = []
    if converted:
        for _ in range(rnd.randint(1, 24)):
            start = rnd.randrange(size) // 512 * 512
            length = min(rnd.choice([512, 64 * K, M]), size - start)
            value = rnd.randrange(256)
            writes.append((start, length, value))
    write_all(f'disk{n}', size, pieces)
    write_all(f'expected{n}', size,
              pieces + [(s, bytes([v]) * length) for s, length, v in writes])
    write_all(f'before{n}', size, random_pieces(size, 20, 256 * K))
    with open(path(f'writes{n}'), 'w') as f:
        f.writelines(f'write {"-P %d" % v if v else "-z"} {s} {length}\n'
                     for s, length, v in writes)


output = rnd.choice(['raw', 'raw', 'raw', 'preallocated', 'qcow2', 'qcow2',
                     'compressed', 'device', 'device', 'nbd', 'nbd',
                     'nbd-qemu', 'place-raw', 'place-raw', 'place-qcow2', 'place-device',
                     'place-nbd', 'place-nbd-qemu'])
in_place = output.startswith('place')
source = 'none' if in_place else rnd.choice(
    ['file', 'file', 'nbd', 'nbd', 'few', 'http', 'ssh', 'qcow2', 'vmdk'])
converted = in_place or rnd.random() < 0.4
disks = 2 if rnd.random() < 0.25 else 1
for n in range(disks):
    make_disk(n)

faults = ['kill', 'kill', 'kill-all', 'term', 'int', 'child nbdkit',
          'child qemu-nbd', 'stop nbdkit', 'stop qemu-nbd', 'call', 'call',
          'call']
if source in ('nbd', 'few', 'ssh'):
    faults += ['source-killed', 'source-killed', 'source-stopped']
if source == 'http':
    faults += ['source-stopped', 'source-stopped']
if source == 'nbd':
    faults += ['source-error', 'source-error']
if output in ('nbd', 'nbd-qemu', 'place-nbd', 'place-nbd-qemu'):
    faults += ['target-killed', 'target-killed', 'target-stopped']
if output in ('nbd', 'place-nbd'):
    faults += ['target-error', 'target-error']
if output in ('raw', 'preallocated', 'qcow2', 'compressed', 'device',
              'place-device'):
    faults += ['full', 'full', 'full']
programs = ['v2v-nbdkit-launch'] * 3
if output in ('qcow2', 'compressed') or converted:
    programs += ['qemu-nbd']


def call():
    kind, most = rnd.choice([
        ('pwrite', 40), ('pwrite', 4), ('pwritev', 10), ('fsync', 5),
        ('fdatasync', 5), ('sync_file_range', 3), ('rename', 4),
        ('unlink', 3), ('ftruncate', 3), ('fallocate', 3), ('ioctl', 3),
        ('write', 3), ('durable', 12), ('durable', 12)])
    return '%d %s %d %s' % (rnd.choice([5, 5, 28]), kind,
                            rnd.randint(1, most), rnd.choice(programs))


def fault():
    kind, _, argument = rnd.choice(faults).partition(' ')
    if kind == 'call':
        return 'call start 0 0 ' + call()
    moment = rnd.choice(['start', 'writing', 'writing'])
    delay = rnd.random() * rnd.choice([0, 0.1, 0.3, 1])
    length = rnd.choice([0.2, 1, 100])
    return f'{kind} {moment} {delay:.2f} {length} {argument}'


plan = [fault() for _ in range(rnd.choice([1, 1, 2, 3]))]
options = ['--retries', rnd.choice(['0', '1', '2'])]
if not in_place:
    options += ['--bandwidth', rnd.choice(['100M', '200M', '400M', '1G'])]
    if rnd.random() < 0.2:
        options.append('--verify')
if in_place and rnd.random() < 0.5:
    options.append('--resume')
if disks > 1 and rnd.random() < 0.5:
    options += ['--parallel', '2']
with open(path('case'), 'w') as f:
    f.write(f"""source={source} output={output} disks={disks}
converted={'yes' if converted else 'no'}
options=({' '.join(options)})
again={'yes' if rnd.random() < 0.25 else 'no'}
faults=({' '.join("'%s'" % fault for fault in plan)})
""")
