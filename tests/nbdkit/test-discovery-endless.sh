#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Endless output is cut off, without using up the memory.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in endless retry readahead
SECONDS=0
run_expecting 3:nbdkit-missing:false v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_error 'does not stop printing'
expect test ! -s "$out"
expect_seconds 20
expect_nothing_left
