#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# INT, TERM, HUP and QUIT while --convert runs: 128+N, nothing left.
. ./functions.sh

for signal in INT TERM HUP QUIT; do
    start_at converting
    SECONDS=0
    kill -$signal "$tool_pid"
    wait_expecting $((128 + $(kill -l $signal))):interrupted:true
    expect_seconds 10
    expect_nothing_left
    expect test -z "$(ls -A "$tmpdir/out")"
done
