#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM during --check, while a slow source still owes an answer: the run
# ends, and the answer, when it comes, is written nowhere.
. ./functions.sh

requires_plugin eval
start_nbdkit slow eval get_size='echo 64M' \
    pread="[ \$4 -lt 60000000 ] || { touch '$tmpdir/reading'; sleep 1; }
           head -c \$3 /dev/zero"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_stack_use_after_return=1
run_in_background v2v-nbdkit-launch --check -o null "$nbdkit_uri"
wait_for test -e "$tmpdir/reading"
kill -TERM "$tool_pid"
wait_expecting 143
expect_no_stderr 'AddressSanitizer'
expect_nothing_left
