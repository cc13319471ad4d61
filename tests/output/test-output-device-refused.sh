#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A user who may not write to the target is told who may, and nothing of
# confinement, which the program itself is not under.
. ./functions.sh

requires_plugin file
requires_other_user
make_disk "$tmpdir/disk" 1M
chmod 0644 "$tmpdir/disk"
truncate -s 1M "$tmpdir/device"
make_loop "$tmpdir/device"
mkdir "$tmpdir/roots"
mkdir -m 0700 "$tmpdir/theirs"
chown 12345 "$tmpdir/theirs"
tool=(setpriv --reuid=12345 --regid=12345 --clear-groups -- env
      TMPDIR="$tmpdir/theirs" "${tool[@]}"
      --result-file "$tmpdir/theirs/result")
run_expecting 1:write:false v2v-nbdkit-launch "$tmpdir/disk" \
    -o device -oo path="$loop_device"
expect_error "cannot write to $loop_device: Permission denied"
expect_hint 'ls -l shows which user and group'
run_expecting 1:write:false v2v-nbdkit-launch "$tmpdir/disk" \
    -os "$tmpdir/roots"
expect_error "output directory $tmpdir/roots: Permission denied"
expect_not grep -q confine "$err"
expect_nothing_left
