#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 401: the login is refused, at once.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
SECONDS=0
run_expecting 4:auth:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest "$http_url/auth/disk"
expect_error 'the server refuses the login \(HTTP status 401\)'
expect_hint '-ip FILE'
expect_seconds 5
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
