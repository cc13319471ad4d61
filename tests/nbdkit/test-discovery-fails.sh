#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that fails: its own words are passed on.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in fails retry readahead
SECONDS=0
run_expecting 3:nbdkit-version:false v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_detail 'libgnutls\.so\.30'
expect test ! -s "$out"
expect_seconds 20
expect_nothing_left
