#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The file system of the target becomes full while a conversion runs: the
# conversion gets the room back, and the copy after it begins anew.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_root
requires unshare --mount --propagation private true
requires_plugin file
requires_filter rate
make_ahead disk
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out"
requires mount -t tmpfs -o size=300M none "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --verify --bandwidth 400M --convert \
    "fallocate -l 280M '$tmpdir/out/fill'
     while ! grep -q 'continues after the conversion' '$err'; do
         sleep 0.1
     done
     [ ! -e '$tmpdir/out/guest.part/sda' ] || exit 1
     rm '$tmpdir/out/fill'
     $(conversion_of disk)" "$nbdkit_uri"
expect_same "$tmpdir/want-disk" "$tmpdir/out/guest-sda"
expect_nothing_left
umount "$tmpdir/out"
