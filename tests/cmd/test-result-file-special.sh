#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where --result-file is no regular file it is written to plainly.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkfifo "$tmpdir/fifo"
cat "$tmpdir/fifo" >"$tmpdir/copy" &
run_expecting 0 v2v-nbdkit-launch --result-file "$tmpdir/fifo" -o null \
    "$tmpdir/disk"
wait $!
expect test "$(jq -r .type "$tmpdir/copy")" = result
expect test -p "$tmpdir/fifo"
v2v-nbdkit-launch -q --result-file /dev/stdout -o null "$tmpdir/disk" |
    jq -e '.type == "result"' >&2

# A FIFO that nobody reads is given up; one that is never read, too.
SECONDS=0
run_expecting 0 v2v-nbdkit-launch --result-file "$tmpdir/fifo" -o null \
    "$tmpdir/disk"
expect_stderr 'fifo: nobody reads it'
expect_seconds 15
run_expecting 1 v2v-nbdkit-launch --machine-readable="file:$tmpdir/fifo" \
    -o null "$tmpdir/disk"
expect_stderr 'fifo: nobody reads it'
