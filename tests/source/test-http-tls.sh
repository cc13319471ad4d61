#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A certificate that is not trusted: status 4, and a hint.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk" 5M
start_nginx
run_expecting 4:tls:false v2v-nbdkit-launch -o null "$https_url/disk"
expect_error 'certificate'
# Nothing was asked of that server: a password may be on its way.
expect test ! -s "$tmpdir/logs/nginx-access"
expect_hint 'curl-cainfo=FILE.*curl-sslverify=false'
run_expecting 4:tls:false v2v-nbdkit-launch -o null "$https_url/disk" \
    -io curl-cainfo="$tmpdir/none.crt"
expect_error 'disk: .*(none\.crt|CA cert)'
run_expecting 4:tls:false v2v-nbdkit-launch -o null \
    "https://127.0.0.1:$http_port/disk"
expect_error 'disk: .*(TLS|SSL)'
expect_nothing_left
