#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that fails without a word: its status is told.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in exit-1 retry readahead
SECONDS=0
run_expecting 3:nbdkit-version:false v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_error 'nbdkit --dump-config exited with status 1$'
expect test ! -s "$out"
expect_seconds 20
expect_nothing_left
