#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What https:// promises holds for each read: a server that redirects some of
# nbdkit's requests to http, and not ours, has nothing read from there.
. ./functions.sh

requires_plugin curl
nbdkit curl --help | grep -q protocols= ||
    skip "this nbdkit cannot be told which protocols to use"
make_ca
make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
start_redirecting plain
start_redirecting secure tls
ca=(-io curl-cainfo="$tmpdir/tls/ca.crt" -if raw)
copy=(--retries 1 --request-size 64k -os "$tmpdir/out" -on guest)
behind=behind/1048576/302
cookie_script=(-io curl-cookie-script="echo sess=1")

for how in '' cookie_script; do
    [ -z "$how" ] || how=("${cookie_script[@]}")
    run_expecting '[46]' v2v-nbdkit-launch "${ca[@]}" "${copy[@]}" \
        ${how:+"${how[@]}"} "$secure_url/$behind/$plain_url/disk.img"
    expect grep -q "GET /$behind" "$tmpdir/logs/secure-requests"
    expect test ! -s "$tmpdir/logs/plain-requests"
    expect test ! -e "$tmpdir/out/guest-sda"
done
run_expecting 0 v2v-nbdkit-launch "${ca[@]}" "${copy[@]}" \
    "$secure_url/$behind/$secure_url/disk.img"
run_expecting 0 v2v-nbdkit-launch "${ca[@]}" "${copy[@]}" \
    -io curl-location-trusted=true "$secure_url/$behind/$plain_url/disk.img"
expect cmp "$tmpdir/disk" "$tmpdir/out/guest-sda"

# From http to anything but web servers neither.
run_expecting 0 v2v-nbdkit-launch -x -o null -if raw "$plain_url/disk.img"
expect_stderr 'protocols=http,https'
run_expecting 0 v2v-nbdkit-launch --dry-run "$plain_url/disk.img"
expect_no_stdout protocols=

start_vmware
run_expecting 0 v2v-nbdkit-launch -x -ic "$vmware_uri" \
    -ip "$tmpdir/password" -o null 'mail server'
expect_stderr 'protocols=https( |$)'
expect_nothing_left
