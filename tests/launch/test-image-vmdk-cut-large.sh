#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A sparse VMDK of more than 256 GiB, with its data near the disk's start:
# all of its tables are looked at where they are local.  Elsewhere a warning
# says that they were not.
. ./functions.sh

requires_plugin file
requires_program qemu-img
requires_program qemu-io
requires_program python3
mkdir "$tmpdir/www"
cd "$tmpdir/www"
qemu-img create -q -f vmdk whole.vmdk 260G
qemu-io -f vmdk -c 'write -P 1 1G 8M' whole.vmdk
cp whole.vmdk cut.vmdk
truncate -s -4M cut.vmdk
qemu-img create -q -f vmdk small.vmdk 1G
qemu-io -f vmdk -c 'write -P 1 0 1M' small.vmdk
unchecked='a VMDK image, not all of which could be checked to be there'

run_expecting 4:unsupported:false v2v-nbdkit-launch --check -o null \
    "$PWD/cut.vmdk"
expect_stdout '^error .* is incomplete: at least 4194304 bytes are missing'
run_expecting 0 v2v-nbdkit-launch --check -o null "$PWD/whole.vmdk"
expect_stdout '^ok +sda image: a VMDK image, in a file'

start_nginx
run_expecting 0 v2v-nbdkit-launch --check -o null "$http_url/whole.vmdk"
expect_stdout "^warning +sda image: $unchecked"
expect_stderr "warning: .*$unchecked"
run_expecting 0 v2v-nbdkit-launch --check -o null "$http_url/small.vmdk"
expect_stdout '^ok +sda image: a VMDK image, in a file'

# The tables of the directory's last entries lie apart, each in a place of its
# own: 16 reads do not reach the first one.
python3 - small.vmdk <<'EOF'
import struct, sys
with open(sys.argv[1], "r+b") as f:
    at, = struct.unpack_from("<Q", f.read(512), 56)
    f.seek(at * 512)
    tables = struct.unpack("<32I", f.read(128))
    f.seek(at * 512)
    f.write(struct.pack("<32I", tables[0], *reversed(tables[1:])))
EOF
run_expecting 0 v2v-nbdkit-launch --check -o null "$http_url/small.vmdk"
expect_stdout "^warning +sda image: $unchecked"
run_expecting 0 v2v-nbdkit-launch --check -o null "$PWD/small.vmdk"
expect_stdout '^ok +sda image: a VMDK image, in a file'
truncate -s -65537 small.vmdk
run_expecting 4:unsupported:false v2v-nbdkit-launch --check -o null \
    "$PWD/small.vmdk"
expect_stdout '^error .* is incomplete'
expect_nothing_left
