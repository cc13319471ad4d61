#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file that is removed from the server in the middle of the copy: waiting
# does not help, so that it ends at once, whatever --retries says.
. ./functions.sh

requires_plugin curl
requires_filter rate
mkdir "$tmpdir/www" "$tmpdir/out"
truncate -s 100M "$tmpdir/www/disk"
write_random "$tmpdir/www/disk" 0 104857600
start_nginx
run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --bandwidth 100M --retries 100 --result-file "$tmpdir/result" \
    "http://127.0.0.1:$http_port/disk"
wait_for test -e "$tmpdir/out/guest.part/sda"
sleep 1
rm "$tmpdir/www/disk"
SECONDS=0
wait_expecting 6:not-found:false
expect test $SECONDS -le 8
expect test "$(jq -r .reason "$tmpdir/result")" = not-found
expect_nothing_left
