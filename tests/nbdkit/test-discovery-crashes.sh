#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that crashes: the signal is named.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in crashes retry readahead
SECONDS=0
run_expecting 3:nbdkit-crash:true v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_error 'nbdkit --dump-config was killed by signal 11'
expect test ! -s "$out"
expect_seconds 20
expect_nothing_left
