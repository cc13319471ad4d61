#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where a server redirects to matters also when nothing is secret: not from
# https to http, not to other kinds of servers, to no files, not for ever.
. ./functions.sh

make_ca
make_disk "$tmpdir/disk" 2M
start_redirecting plain
start_redirecting secure tls
ca=(-io curl-cainfo="$tmpdir/tls/ca.crt")
cookie=(-io curl-cookie=sess=cookie-81f3)

for secret in '' cookie; do
    [ -z "$secret" ] || secret=("${cookie[@]}")
    run_expecting 4:tls:false v2v-nbdkit-launch -o null "${ca[@]}" \
        ${secret:+"${secret[@]}"} "$secure_url/302/$plain_url/disk.img"
    expect_error 'redirects from https to http'
    expect_hint curl-location-trusted
    # Nor by a detour.
    run_expecting 4:tls:false v2v-nbdkit-launch -o null "${ca[@]}" \
        ${secret:+"${secret[@]}"} \
        "$plain_url/302/$secure_url/302/$plain_url/disk.img"
    run_expecting 0 v2v-nbdkit-launch -o null "${ca[@]}" \
        ${secret:+"${secret[@]}"} "$plain_url/302/$secure_url/disk.img"
    for url in ftp://127.0.0.1/disk.img "file://$tmpdir/disk"; do
        run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
            ${secret:+"${secret[@]}"} "$plain_url/302/$url"
        expect_error "redirects to ${url%%:*}://"
    done
    # Not the user's mistake: what the server says is no URL.
    for text in http://127.0.0.1:1/%1b%5d0%3bOWN%07 'http://%5b::bad/x' \
                http://127.0.0.1:99999999/ 'http://u:p%2d81f3@a@%20b/'; do
        run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
            ${secret:+"${secret[@]}"} "$plain_url/raw/$text"
        expect_error 'the server redirects to .*not a valid URL'
        expect_no_controls "$err"
        expect_no_stderr p-81f3
    done
    run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
        ${secret:+"${secret[@]}"} "$plain_url/loop"
    expect_error 'redirects more than'
done
expect test "$(grep -c ' /loop' "$tmpdir/logs/plain-requests")" -lt 100
! grep " /disk.img.*81f3" "$tmpdir/logs/secure-requests" ||
    fail "the other port got secrets"
run_expecting 0 v2v-nbdkit-launch -o null "${ca[@]}" "${cookie[@]}" \
    -io curl-location-trusted=true "$secure_url/302/$plain_url/disk.img"

# Also when that is so later only, at nbdkit's requests.
run_expecting '[46]' v2v-nbdkit-launch -o null --retries 1 "${ca[@]}" \
    "$plain_url/302/$secure_url/after/5/302/$plain_url/late.img"
run_expecting '[46]' v2v-nbdkit-launch -o null --retries 1 "${ca[@]}" \
    "$secure_url/302/$secure_url/after/5/302/$plain_url/late.img"
expect grep -q /after/5 "$tmpdir/logs/secure-requests"
expect_nothing_left
