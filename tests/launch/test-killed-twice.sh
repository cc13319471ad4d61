#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGINT twice ends at once, whatever COMMAND does.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
run_in_background v2v-nbdkit-launch -o null --convert \
    "trap '' INT TERM HUP; touch '$tmpdir/reached'; sleep 1000; sleep 1000" \
    "$tmpdir/disk"
wait_for test -e "$tmpdir/reached"
SECONDS=0
kill -INT "$tool_pid"
sleep 0.5
kill -INT "$tool_pid" || :
wait_expecting 130
expect_seconds 10
expect_nothing_left
