#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A wrong password: status 4, and the word is nowhere.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
echo sesame-7f3a >"$tmpdir/password"
run_expecting 4:auth:false v2v-nbdkit-launch -v -x -o null \
    -ip "$tmpdir/password" -io curl-user="$http_user" "$http_url/auth/disk"
expect_error 'the server refuses the login \(HTTP status 401\)'
expect_hint 'check the user and the password; try'
expect grep -q 'user "guest": password mismatch' "$tmpdir/logs/nginx-error"
: >"$tmpdir/logs/nginx-error"
expect_nowhere sesame-7f3a
run_expecting 4:auth:false v2v-nbdkit-launch -v -x -o null \
    "${http_url/:\/\//://$http_user:sesame-7f3a@}/auth/disk"
expect_error 'the server refuses the login \(HTTP status 401\)'
expect grep -q 'user "guest": password mismatch' "$tmpdir/logs/nginx-error"
expect_nowhere sesame-7f3a
expect_nothing_left
