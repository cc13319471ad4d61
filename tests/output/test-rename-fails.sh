#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk cannot get its name: the error says how many have theirs.
. ./functions.sh

requires_plugin file
mkdir -p "$tmpdir/out/guest-sdb"
make_disk "$tmpdir/disk" 2M
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "$tmpdir/disk"
      "$tmpdir/disk" "$tmpdir/disk")
# It is known before the copy,
run_expecting 1:write:false "${copy[@]}" --convert "touch '$tmpdir/converted'"
expect_error 'guest-sdb is a directory'
expect test ! -e "$tmpdir/converted"
# or only at its end.
rmdir "$tmpdir/out/guest-sdb"
echo "mkdir '$tmpdir/out/guest-sdb'" >"$tmpdir/convert"
run_expecting 6 "${copy[@]}" --convert ". '$tmpdir/convert'"
expect_error '1 of the 3 disks already have their final names.*rename .*guest-sdb'
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect test ! -e "$tmpdir/out/guest-sdc"
expect test ! -e "$tmpdir/out/guest.xml"
# It can be completed.
rmdir "$tmpdir/out/guest-sdb"
echo : >"$tmpdir/convert"
run_expecting 0 "${copy[@]}" --resume --convert ". '$tmpdir/convert'"
for disk in sda sdb sdc; do
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-$disk"
done
expect test -s "$tmpdir/out/guest.xml"
