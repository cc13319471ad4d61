#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A URL that a server redirects to for a while (with a signature or a token, or
# another one each time) is asked for again before each read.  What is secret
# stays with the first server also then; what could not is not sent at all.
. ./functions.sh

make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
start_redirecting first
start_redirecting second
echo password-81f3 >"$tmpdir/password"
login=$(printf guest:password-81f3 | base64)

# read_through WHAT OPTION...
read_through ()
{
    local what=$1

    shift
    rm -f "$tmpdir/logs"/*-requests
    run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on "$what" "$@" \
        "${first_url/\/\//\/\/guest@}/$what/$second_url/disk.img"
    expect_same "$tmpdir/disk" "$tmpdir/out/$what-sda"
    rm "$tmpdir/out/$what"*
    expect grep -q "^GET /$what/" "$tmpdir/logs/first-requests"
    expect test "$(grep -c '^HEAD' "$tmpdir/logs/first-requests")" = \
        "$(grep -c '^HEAD' "$tmpdir/logs/second-requests")"
    ! grep -E "81f3|$login" "$tmpdir/logs/second-requests" ||
        fail "the other server got secrets"
}

for what in token signed other; do
    read_through $what -io curl-cookie=sess=cookie-81f3 \
        -io 'curl-header=User-Agent: me'
    ! grep -v cookie-81f3 "$tmpdir/logs/first-requests" ||
        fail "requests without the cookie"
    expect grep -q "^HEAD .*User-Agent='me'" "$tmpdir/logs/second-requests"
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
        -io 'curl-header=X-Auth: header-81f3' \
        "$first_url/$what/$second_url/disk.img"
    expect_error 'cannot open .*a URL that may expire'
    expect_hint curl-location-trusted
    ! grep header-81f3 "$tmpdir/logs/second-requests" ||
        fail "the other server got the header"
done
read_through token -ip "$tmpdir/password"
read_through token -io 'curl-header=Authorization: Bearer bearer-81f3'
! grep -v bearer-81f3 "$tmpdir/logs/first-requests" ||
    fail "requests without the header"
# Nothing is secret: nothing changes.
rm "$tmpdir/logs"/*-requests
run_expecting 0 v2v-nbdkit-launch -o null \
    "$first_url/token/$second_url/disk.img"
run_expecting 0 v2v-nbdkit-launch -o null "$first_url/302/$second_url/disk.img"
expect grep -q '^HEAD /302/' "$tmpdir/logs/first-requests"
run_expecting 0 v2v-nbdkit-launch -o null \
    -io 'curl-header=X-Auth: header-81f3' -io curl-location-trusted=true \
    "$first_url/token/$second_url/disk.img"
expect grep -q '^HEAD.*header-81f3' "$tmpdir/logs/second-requests"
expect_nothing_left
