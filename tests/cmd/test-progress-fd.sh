#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --progress=FD prints N/100 lines, as nbdcopy does.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
v2v-nbdkit-launch --progress=9 -o null "$tmpdir/disk" 9>"$tmpdir/progress" \
    >"$out" 2>"$err"
expect_not grep -vE '^[0-9]+/100$' "$tmpdir/progress"
expect test "$(tail -n 1 "$tmpdir/progress")" = 100/100
# They only rise, also if the target is read back.
expect sort -t / -k 1,1n -c "$tmpdir/progress"
mkdir "$tmpdir/out"
make_disk "$tmpdir/large" 600M
v2v-nbdkit-launch --progress=9 --verify -os "$tmpdir/out" "$tmpdir/large" \
    9>"$tmpdir/progress" >"$out" 2>"$err"
expect sort -u -t / -k 1,1n -c "$tmpdir/progress"
run_expecting 2 v2v-nbdkit-launch --progress=99 -o null "$tmpdir/disk"
expect_stderr 'progress=99: Bad file descriptor'
