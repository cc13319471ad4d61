#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: a file that takes the disk's place while the command runs is not
# written to, and no record says that it was.
. ./functions.sh

requires_plugin file
requires_program qemu-io
make_disk "$tmpdir/disk" 2M
make_disk "$tmpdir/another" 2M
cp "$tmpdir/disk" "$tmpdir/expected"
qemu-io -f raw -c 'write -P 7 1M 64k' "$tmpdir/expected" >/dev/null
command=(v2v-nbdkit-launch --in-place --convert
         "qemu-io -f raw -c 'write -P 7 1M 64k' \"\$V2V_OVERLAY_URI_0\"
          [ -e '$tmpdir/moved' ] ||
              { mv '$tmpdir/disk' '$tmpdir/moved'
                cp '$tmpdir/another' '$tmpdir/disk'; }" "$tmpdir/disk")
run_expecting 6:target-changed:false "${command[@]}"
expect_error 'no longer the disk that it was'
expect_same "$tmpdir/another" "$tmpdir/disk"
expect test ! -e "$tmpdir/disk.v2v-in-place"
expect_nothing_left
mv "$tmpdir/moved" "$tmpdir/disk"
touch "$tmpdir/moved"
run_expecting 0 "${command[@]}"
expect_same "$tmpdir/expected" "$tmpdir/disk"
expect_nothing_left
