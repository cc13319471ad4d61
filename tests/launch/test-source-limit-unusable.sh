#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A --limit-dir that cannot be used ends the run before a disk is opened.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
limit=(--source-limit 2 -o null "$tmpdir/disk")

run_expecting 1:write:false v2v-nbdkit-launch "${limit[@]}" \
    --limit-dir "$tmpdir/none"
expect_error "$tmpdir/none: No such file"
mkdir "$tmpdir/limits"
echo secret >"$tmpdir/file"
ln -s "$tmpdir/file" "$tmpdir/limits/localhost+0"
run_expecting 1:write:false v2v-nbdkit-launch "${limit[@]}" \
    --limit-dir "$tmpdir/limits"
expect_error 'localhost[+]0'
expect_hint 'limit-dir'
expect grep -qx secret "$tmpdir/file"
rm "$tmpdir"/limits/*
mkfifo "$tmpdir/limits/localhost+queue"
run_expecting 1:write:false v2v-nbdkit-launch "${limit[@]}" \
    --limit-dir "$tmpdir/limits"
expect_error 'localhost[+]queue is not a regular file'
run_expecting 2:usage:false v2v-nbdkit-launch --source-limit 0 -o null \
    "$tmpdir/disk"
expect_nothing_left
