#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that never answers is given up.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in hangs retry readahead
SECONDS=0
run_expecting 3:timeout:true v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_error 'did not end within 60 seconds'
expect test ! -s "$out"
expect_seconds 75
expect_nothing_left
