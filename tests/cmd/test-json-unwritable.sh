#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A stream that cannot be written is said before anything is done.
. ./functions.sh

run_expecting 1 v2v-nbdkit-launch -o null \
    --machine-readable="file:$tmpdir/none/lines" "$tmpdir/disk"
expect_stderr 'machine-readable.*No such file'
run_expecting 2 v2v-nbdkit-launch --machine-readable=fd:99 -o null \
    "$tmpdir/disk"
expect_stderr 'fd:99: Bad file descriptor'
status=0
v2v-nbdkit-launch --machine-readable=fd:7 -o null "$tmpdir/disk" \
    7</dev/null >"$out" 2>"$err" || status=$?
expect test $status = 2
expect_stderr 'fd:7: .*reading only'
run_expecting 2 v2v-nbdkit-launch --machine-readable=fd:x -o null \
    "$tmpdir/disk"
run_expecting 2 v2v-nbdkit-launch --machine-readable=somewhere -o null \
    "$tmpdir/disk"
run_expecting 1 v2v-nbdkit-launch --result-file "$tmpdir/none/result" \
    -o null "$tmpdir/disk"
expect_stderr 'result-file: .*No such file'
run_expecting 1 v2v-nbdkit-launch --report "$tmpdir" -o null "$tmpdir/disk"
expect_stderr 'report: .*Is a directory'
expect_nothing_left
