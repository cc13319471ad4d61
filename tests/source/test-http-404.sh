#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 404: there is no such file, said at once.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
SECONDS=0
run_expecting 4:not-found:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest "$http_url/none"
expect_error 'there is no such file on the server \(HTTP status 404\)'
expect_hint 'the path in the URL'
expect_seconds 5
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
