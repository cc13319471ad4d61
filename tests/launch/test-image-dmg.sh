#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Apple disk images: read, and what qemu says of those that it cannot read is
# told, at once.
. ./functions.sh

requires_plugin file
requires_program qemu-img python3
mkdir "$tmpdir/o"
cd "$tmpdir"
make_disk d.img 1M
truncate -s 3M d.img
make_dmg () { python3 "$abs_srcdir/make-dmg" d.img "$@"; }

make_dmg good.dmg zlib raw zlib
run_expecting 0 v2v-nbdkit-launch good.dmg -os o -on g
expect_same d.img o/g-sda
rm o/*

# Half of it: its trailer is there.
{ head -c 300000 good.dmg; tail -c 512 good.dmg; } >half.dmg
run_expecting 4:unsupported:false v2v-nbdkit-launch half.dmg -os o -on g
expect_error 'half.dmg is incomplete'

# qemu's own line, and not one before it of modules that are not installed.
cp good.dmg bad.dmg
dd if=/dev/zero of=bad.dmg bs=1 seek=$(($(stat -c %s bad.dmg) - 512 + 0xd8)) \
    count=16 conv=notrunc status=none
run_expecting 4:unsupported:false v2v-nbdkit-launch bad.dmg -os o -on g
expect_error 'cannot open .*bad.dmg: qemu-img info: qemu-img: '

# A method that this qemu does not have.
make_dmg bzip2.dmg zlib zlib bzip2 zlib
if ! qemu-img convert -f dmg -O raw bzip2.dmg all 2>words; then
    SECONDS=0
    run_expecting 6:unsupported:false v2v-nbdkit-launch bzip2.dmg -os o -on g
    expect_error 'qemu cannot read the image: qemu-nbd: '
    # qemu 5.2 has no word for it.
    if grep -q dmg-bzip2 words; then
        expect_error 'qemu-nbd: warning: dmg-bzip2'
        expect_hint 'qemu-block-extra'
    fi
    expect_seconds 10
    expect_no_stderr 'endpoint is not connected$'
fi
expect_nothing_left
