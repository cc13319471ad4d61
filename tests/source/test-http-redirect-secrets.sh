#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is secret is for the server that the user names: another one that it
# redirects to, be it only another port, gets none of it, and nbdkit asks that
# one without.
. ./functions.sh

make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
start_redirecting first
start_redirecting second
secrets=(-io curl-cookie=sess=cookie-81f3
    -io 'curl-header=X-Auth: header-81f3'
    -io 'curl-header=User-Agent: me' -ip "$tmpdir/password")
echo password-81f3 >"$tmpdir/password"
login=$(printf guest:password-81f3 | base64)
from=${first_url/\/\//\/\/guest@}

for status in 301 302 303 307 308; do
    run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on "guest$status" \
        "${secrets[@]}" "$from/$status/$second_url/disk.img"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest$status-sda"
done
# Two ways to come there: through a page of the first one, and back again.
run_expecting 0 v2v-nbdkit-launch -o null "${secrets[@]}" \
    "$from/302/302/$second_url/disk.img"
run_expecting 0 v2v-nbdkit-launch -o null "${secrets[@]}" \
    "$from/302/$second_url/302/$first_url/back.img"
expect grep -q 'HEAD /disk.img' "$tmpdir/logs/second-requests"
expect grep -q "User-Agent='me'" "$tmpdir/logs/second-requests"
! grep -E "81f3|$login" "$tmpdir/logs/second-requests" ||
    fail "the other server got secrets"
expect grep -q 'HEAD /back.img' "$tmpdir/logs/first-requests"
! grep ' /back.img' "$tmpdir/logs/first-requests" | grep -E "81f3|$login" ||
    fail "the other server could send secrets back"
! grep "^HEAD.*http" "$tmpdir/logs/first-requests" ||
    fail "nbdkit asks the first one"
# The first one gets all of them, each time.
! grep '/302\|/307' "$tmpdir/logs/first-requests" |
    grep -Ev "$login.*cookie-81f3.*header-81f3" || fail "secrets are missing"

# Where it stays with the first one, they are needed all the time.
run_traced 0 v2v-nbdkit-launch -v -x -o null "${secrets[@]}" \
    --log "$tmpdir/run.log" "$from/302/need/X-Auth"
expect grep -q '^GET /need/X-Auth.*cookie-81f3.*header-81f3' \
    "$tmpdir/logs/first-requests"
# What the other one needs it does not get.
run_expecting 4:auth:false v2v-nbdkit-launch -o null "${secrets[@]}" \
    "$from/302/$second_url/need/X-Auth"
expect_hint "redirects to $second_url, which is not sent the login"

# Unless that is what the user wants.
run_expecting 0 v2v-nbdkit-launch -o null "${secrets[@]}" \
    -io curl-location-trusted=true "$from/302/$second_url/need/X-Auth"
expect grep -q '^HEAD /need/X-Auth.*header-81f3' \
    "$tmpdir/logs/second-requests"
run_expecting 2:usage:false v2v-nbdkit-launch -o null \
    -io curl-location-trusted=perhaps "$first_url/disk.img"
rm "$tmpdir/logs"/*-requests
expect_nowhere password-81f3
expect_nothing_left
