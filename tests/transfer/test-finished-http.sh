#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a finished copy from a web server: the server is asked for the
# version of the file (its ETag, or when it was modified), and no nbdkit is
# started.
. ./functions.sh

start_nginx
requires_program jq
result=$tmpdir/result
make_disk "$tmpdir/www/disk" 4M
mkdir "$tmpdir/out"
for path in disk modified/disk; do
    touch "$tmpdir/www/disk"
    copy=(v2v-nbdkit-launch --result-file "$result" --resume -os "$tmpdir/out"
          -on "${path%/*}" "$http_url/$path")
    run_expecting 0 "${copy[@]}"
    expect test "$(jq .changed "$result")" = true
    run_traced 0 "${copy[@]}"
    expect test "$(jq .changed "$result")" = false
    expect_not grep -q '"--foreground"' "$tmpdir/logs/exec"
    touch -d '1 hour ago' "$tmpdir/www/disk"
    run_expecting 4 "${copy[@]}"
    expect_error 'of sda changed'
    expect test "$(jq -r .reason "$result")" = source-changed
done
stop_pid "$server_pid"
run_expecting 4 "${copy[@]}"
expect test "$(jq -r .reason "$result")" = unreachable
