#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that ignores ranges would give wrong data: refused.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
SECONDS=0
run_expecting 4:no-range:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest "$http_url/lying/disk"
expect_error 'does not support Range requests \(HTTP status 200'
expect_seconds 5
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
