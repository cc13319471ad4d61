#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --result-file never has more than 4096 bytes.
. ./functions.sh

requires_program jq
requires_plugin file
result=$tmpdir/result
name=$(printf '\303\274%.0s' {1..120})
# In bytes its name is as long as names may be.
path=$tmpdir
while [ "$(printf %s "$path/$name" | wc -c)" -lt 3800 ]; do
    path=$path/$name
done
while [ "$(printf %s "$path/x" | wc -c)" -lt 4080 ]; do
    path=$path/x
done
run_expecting 4:not-found:false v2v-nbdkit-launch --result-file "$result" \
    --machine-readable="file:$tmpdir/lines" -o null "$path"
expect test "$(tail -n 1 "$tmpdir/lines" | wc -c)" -gt 4096
expect test "$(stat -c %s "$result")" -le 4096
expect test "$(jq -r .reason "$result")" = not-found
expect test "$(jq -r '.message | endswith ("...")' "$result")" = true
