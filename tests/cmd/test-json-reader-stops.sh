#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader of JSON lines that stops reading does not stop the run; one that
# goes on gets the last line.
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

# It is waited for a little, when everything else is done.
SECONDS=0
run_expecting 0 v2v-nbdkit-launch --result-file "$tmpdir/result" \
    --machine-readable="file:$tmpdir/fifo" -o null "$tmpdir/disk"
expect_seconds 20
expect_stderr 'warning: the last JSON lines were not read'
expect grep -q '"status":"ok"' "$tmpdir/result"
expect_nothing_left

# A signal ends a run, and the waiting.
run_in_background v2v-nbdkit-launch \
    --machine-readable="file:$tmpdir/fifo" -o null \
    --convert "touch '$tmpdir/reached'; sleep 100" "$tmpdir/disk"
wait_for test -e "$tmpdir/reached"
kill -TERM "$tool_pid"
sleep 1
kill -TERM "$tool_pid" || :
SECONDS=0
wait_expecting 143:interrupted:true
expect_seconds 5
expect_nothing_left

# Many lines wait, and come when they are read.
run_in_background v2v-nbdkit-launch \
    --machine-readable="file:$tmpdir/fifo" -o null \
    --convert "touch '$tmpdir/again'; sleep 3" "$tmpdir/disk"
wait_for test -e "$tmpdir/again"
cat "$tmpdir/fifo" >"$tmpdir/lines" 8>&- &
exec 8>&-
wait_expecting 0
wait $!
expect grep -q '"type":"start"' "$tmpdir/lines"
expect test "$(tail -n 1 "$tmpdir/lines" | grep -c '"type":"result"')" = 1
expect_not grep -q 'JSON lines were not read' "$err"
