#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# If the web server's file has changed (its ETag) when the copy is resumed,
# that is an error that says so, and what was copied stays as it is.
. ./functions.sh

requires_filter rate
requires_program curl
requires_program jq
mkdir "$tmpdir/www" "$tmpdir/out"
random_bytes disk | head -c 150M >"$tmpdir/www/disk"
start_nginx
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest)
run_in_background "${copy[@]}" --bandwidth 300M "$http_url/disk"
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left

# The same size and nearly the same content.
etag=$(curl -sI "$http_url/disk" | grep -i '^etag')
write_random "$tmpdir/www/disk" 1000000 1000
touch -d 'tomorrow' "$tmpdir/www/disk"
expect test "$(curl -sI "$http_url/disk" | grep -i '^etag')" != "$etag"
sha256sum "$tmpdir"/out/guest.part/* >"$tmpdir/remembered"
run_expecting 4:source-changed:false "${copy[@]}" --resume \
    --result-file "$tmpdir/result" "$http_url/disk"
expect test "$(jq -r .reason "$tmpdir/result")" = source-changed
expect_untouched
expect_nothing_left

# A new copy of the changed file succeeds.
rm -r "$tmpdir"/out/*
run_expecting 0 "${copy[@]}" --resume "$http_url/disk"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
