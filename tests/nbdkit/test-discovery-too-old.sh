#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A version that is too old: which, and which is needed.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in too-old retry readahead
SECONDS=0
run_expecting 3:nbdkit-version:false v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_error '1\.10.*1\.12'
expect test ! -s "$out"
expect_seconds 20
expect_nothing_left
