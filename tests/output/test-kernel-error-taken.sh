#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After a write has failed the kernel is asked once more what else it has lost:
# it would tell the next who opens the target, which may be the run that mends
# it.
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
truncate -s 2M "$tmpdir/disk" "$tmpdir/target"
write_random "$tmpdir/disk" 0 $((1 << 20))
recorded_failing 6 "5 pwrite 1 v2v-nbdkit-launch $tmpdir/target" \
    -o device -oo path="$tmpdir/target" "$tmpdir/disk"
failed=$(first "pwrite 5 $tmpdir/target\b")
expect_order "$failed" "$(first "begin-fsync 0 $tmpdir/target\$" "$failed")"
expect_nothing_left
