#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal while the copy runs leaves the target of before.
. ./functions.sh

mkdir "$tmpdir/out"
echo precious >"$tmpdir/out/guest-sda"
start_at copying
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect test "$(cat "$tmpdir/out/guest-sda")" = precious
expect_nothing_left
