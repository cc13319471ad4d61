#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A page that a web server sends in place of a disk, without an error: what is
# no HTML by its beginning is one by its Content-Type.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
cd "$tmpdir/www"
{ printf '<div>'; head -c 900 /dev/zero | tr '\0' x; } >page.html
{ printf '<p>'; head -c 1021 /dev/zero | tr '\0' x; } >whole.html
printf '\xff\xfe<\0p\0>\0' >utf-16.html
printf '{"error":"no such file"}' >error.json
printf 'no such file' >plain.txt
make_disk disk.html 1M
make_disk disk.txt 1M
truncate -s 1M zero.html
cd - >/dev/null
nginx_types='text/html html; text/plain txt; application/json json;'
start_nginx
for page in page.html whole.html utf-16.html error.json plain.txt \
    redirect/page.html; do
    run_expecting 4:unsupported:false v2v-nbdkit-launch -os "$tmpdir/out" \
        -on guest "$http_url/$page"
    expect_error 'is not a disk: its Content-Type is'
    expect_hint '-if raw'
done
expect test -z "$(ls -A "$tmpdir/out")"
run_expecting 0 v2v-nbdkit-launch -if raw -o null "$http_url/page.html"
# A server may call anything so.
for disk in disk.html disk.txt zero.html; do
    run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on "$disk" \
        "$http_url/$disk"
    expect_same "$tmpdir/www/$disk" "$tmpdir/out/$disk-sda"
done
expect_nothing_left
