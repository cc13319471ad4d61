#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An OVA on a web server is read in place, with a password and without.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/www/vm.ova"
start_nginx
run_expecting 0 v2v-nbdkit-launch -i ova "$http_url/vm.ova" -o disk \
    -os "$tmpdir/out"
expect_same "$tmpdir/disk1" "$tmpdir/out/mail server-sda"
expect_same "$tmpdir/disk2" "$tmpdir/out/mail server-sdb"

echo "$http_password" >"$tmpdir/password"
run_expecting 0 v2v-nbdkit-launch -i ova -ip "$tmpdir/password" \
    "http://$http_user@127.0.0.1:$http_port/auth/vm.ova" -o disk \
    -os "$tmpdir/out" -on secret
rm "$tmpdir/password"
expect_same "$tmpdir/disk2" "$tmpdir/out/secret-sdb"
expect_nowhere "$http_password"

SECONDS=0
run_expecting 4:not-found:false v2v-nbdkit-launch -i ova "$http_url/none.ova" \
    -o null
expect_error 'none.ova: .*404'
run_expecting 4:no-range:false v2v-nbdkit-launch -i ova \
    "$http_url/lying/vm.ova" -o null
expect_error Range
expect_seconds 5
expect_nothing_left
