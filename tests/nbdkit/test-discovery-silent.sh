#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that prints nothing is noticed.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in silent retry readahead
SECONDS=0
run_expecting 3:nbdkit-version:false v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_error 'did not contain version'
expect test ! -s "$out"
expect_seconds 20
expect_nothing_left
