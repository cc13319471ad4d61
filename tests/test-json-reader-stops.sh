#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A signal ends a run whose JSON lines nobody reads.
. ./functions.sh

requires_plugin file
requires_program python3
make_disk "$tmpdir/disk" 1M
mkfifo "$tmpdir/fifo"
exec 8<>"$tmpdir/fifo"
# As much as it takes.
python3 -c 'import os
os.set_blocking (8, False)
try:
    while os.write (8, b" " * 4096): pass
except BlockingIOError: pass
os.set_blocking (8, True)'
run_in_background v2v-nbdkit-launch \
    --machine-readable="file:$tmpdir/fifo" -o null "$tmpdir/disk"
sleep 0.5
expect is_running "$tool_pid"
kill -TERM "$tool_pid"
wait_expecting 143
expect_nothing_left
