#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Disks behind a password, from -ip or from the URL.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
echo "$http_password" >"$tmpdir/password"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -ip "$tmpdir/password" -io curl-user="$http_user" "$http_url/auth/disk"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
rm "$tmpdir/out/guest-sda"
url="${http_url/:\/\//://$http_user:$http_password@}/auth/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$url"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
rm "$tmpdir/out/guest-sda"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -ip fd:7 "${http_url/:\/\//://$http_user@}/auth/disk" \
    "${http_url/:\/\//://$http_user@}/auth/disk" 7<"$tmpdir/password"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/www/disk" "$tmpdir/out/guest-sdb"

# Only the server that the user named gets the password.
: >"$tmpdir/logs/nginx-access"
run_expecting 4:auth:false v2v-nbdkit-launch -o null -ip "$tmpdir/password" \
    -io curl-user="$http_user" "$http_url/elsewhere/auth/disk"
expect grep -q " $http_user .*GET /elsewhere/" "$tmpdir/logs/nginx-access"
expect grep -q 'GET /auth/' "$tmpdir/logs/nginx-access"
expect_not grep -q " $http_user .*GET /auth/" "$tmpdir/logs/nginx-access"
expect_nothing_left
