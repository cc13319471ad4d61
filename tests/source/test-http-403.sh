#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# 403: the server forbids it, at once.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
SECONDS=0
run_expecting 4:auth:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest "$http_url/403/disk"
expect_error 'the server forbids it \(HTTP status 403\)'
expect_hint "the user's rights"
expect_seconds 5
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
