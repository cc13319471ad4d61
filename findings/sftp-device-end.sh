#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# OpenSSH's sftp-server (9.2) says that a block device has 0 bytes, and lets it
# be read.  Whoever looks for the end by reading meets two kinds of answers:
# exactly at the end the status is EOF (1), further on it is "Bad message" (5),
# because sftp-server seeks first and the kernel refuses that with EINVAL.  So
# what fails while the end is searched may be behind it, but only a read that
# says EOF is at the end: taking any error for it cuts off a disk at the first
# sector that cannot be read.
#
# Expected output (for an 8 MiB device):
#     size 0
#     8388607 data
#     8388608 status 1
#     8389120 status 5
#
# Needs root, losetup, python3, and apt-get of Debian 12.  Status 0: it is so;
# 1: it has changed; 77: it cannot be tried.
set -eu
package=openssh-sftp-server=1:9.2p1-2+deb12u10
[ "$(id -u)" = 0 ] || exit 77
dir=$(mktemp -d)
loop=
trap '[ -z "$loop" ] || losetup -d "$loop"; rm -rf "$dir"' EXIT
(cd "$dir" && apt-get download -q "$package" >/dev/null 2>&1) || exit 77
dpkg-deb -x "$dir"/openssh-sftp-server_*.deb "$dir/root"
server=$dir/root/usr/lib/openssh/sftp-server
truncate -s 8M "$dir/disk"
loop=$(losetup --find --show --read-only "$dir/disk" 2>/dev/null) || exit 77
python3 - "$server" "$loop" <<'END' | tee "$dir/said"
import struct, subprocess, sys

server = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE)

def text(s):
    return struct.pack('>I', len(s)) + s

def ask(kind, body):
    packet = bytes([kind]) + body
    server.stdin.write(struct.pack('>I', len(packet)) + packet)
    server.stdin.flush()
    length, = struct.unpack('>I', server.stdout.read(4))
    return server.stdout.read(length)

ask(1, struct.pack('>I', 3))                                # INIT
answer = ask(3, struct.pack('>I', 1) + text(sys.argv[2].encode()) +
             struct.pack('>II', 1, 0))                      # OPEN
handle = text(answer[9:])
answer = ask(8, struct.pack('>I', 2) + handle)              # FSTAT
print('size', struct.unpack('>Q', answer[9:17])[0])
for offset in 8 * 2**20 - 1, 8 * 2**20, 8 * 2**20 + 512:
    answer = ask(5, struct.pack('>I', 3) + handle +
                 struct.pack('>QI', offset, 1))             # READ
    print(offset, 'data' if answer[0] == 103 else
          'status %d' % struct.unpack('>I', answer[5:9]))
END
diff - "$dir/said" <<'END'
size 0
8388607 data
8388608 status 1
8389120 status 5
END
