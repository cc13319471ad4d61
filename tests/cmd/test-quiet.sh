#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -q prints nothing when all is well, but what -v and -x ask for.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch -q -o null "$tmpdir/disk"
expect test ! -s "$out"
expect test ! -s "$err"
run_expecting 0 v2v-nbdkit-launch -q -x -o null "$tmpdir/disk"
expect_stderr '^\+ .*nbdkit'
expect_no_stderr 'Copying'
run_expecting 0 v2v-nbdkit-launch -v -q -o null "$tmpdir/disk"
expect_stderr '^copy: done in'
expect_no_stderr 'Copying'
