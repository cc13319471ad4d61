#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 500: the server fails, said at once.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
SECONDS=0
run_expecting 4:read:true v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest "$http_url/500/disk"
expect_error 'the server answers with HTTP status 500$'
expect_seconds 5
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
