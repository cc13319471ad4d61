#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each thing is asked of nbdkit once.
. ./functions.sh

touch "$tmpdir/disk" "$tmpdir/disk2"
use_stand_in 1.32 retry readahead
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk" "$tmpdir/disk2" \
    http://localhost/disk
expect test "$(grep -c -- --dump-config "$V2V_STANDIN_LOG")" = 1
expect test -z "$(sort "$V2V_STANDIN_LOG" | uniq -d)"
