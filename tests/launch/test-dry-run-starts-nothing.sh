#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --dry-run serves nothing and touches neither source nor target.
. ./functions.sh

use_stand_in 1.32 readahead retry
requires_program socat
start_silent_server
run_expecting 0 v2v-nbdkit-launch --dry-run -o disk -os "$tmpdir/none" \
    "http://127.0.0.1:$silent_port/disk" "ssh://127.0.0.1:$silent_port/disk" \
    "nbd://127.0.0.1:$silent_port"
expect test "$(wc -l <"$out")" -ge 3
expect grep -q -e --dump-config "$V2V_STANDIN_LOG"
expect_not grep -q -e --unix "$V2V_STANDIN_LOG"
expect test ! -e "$tmpdir/none"
expect_nothing_left
