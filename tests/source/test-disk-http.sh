#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk over HTTP arrives whole, redirected or not.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
for path in disk redirect/disk; do
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        "$http_url/$path"
    expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
done
expect_nothing_left
