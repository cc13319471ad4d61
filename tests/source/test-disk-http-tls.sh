#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk over HTTPS, by an authority that is named.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -io curl-cainfo="$tmpdir/tls/ca.crt" "$https_url/disk"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
rm "$tmpdir/out/guest-sda"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -io curl-sslverify=false "$https_url/disk"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
