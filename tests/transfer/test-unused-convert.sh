#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused with --convert: the file system is looked at as the conversion
# has left it.  What it has made is copied, and what it has deleted is left
# out; what it wrote into free blocks is copied.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
make_lived_in "$tmpdir/disk" 48
make_conversion "$tmpdir/convert" "$tmpdir/disk"
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
start_nbdkit raw --readonly file "$tmpdir/disk"
for source in "$tmpdir/disk" "$tmpdir/disk.qcow2" "$nbdkit_uri"; do
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch --skip-unused on -o disk \
        -os "$tmpdir/out" -on guest --verify \
        --convert "sh '$tmpdir/convert' >/dev/null" "$source"
    expect_converted "$tmpdir/out/guest-sda"
    expect_nothing_left
    rm -r "$tmpdir/out"
done
