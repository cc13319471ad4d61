#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While it runs, a password is in files of ours alone.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
echo "$http_password" >"$tmpdir/password"
run_in_background v2v-nbdkit-launch -o null --convert \
    "touch '$tmpdir/reached'
     while test ! -e '$tmpdir/go'; do sleep 0.1; done" \
    -ip "$tmpdir/password" -io curl-user="$http_user" "$http_url/auth/disk"
wait_for test -e "$tmpdir/reached"
grep -rlF -- "$http_password" "$TMPDIR" >"$tmpdir/files"
expect test -s "$tmpdir/files"
for file in $(cat "$tmpdir/files"); do
    expect test "$(stat -c %a "$file")" = 600
    expect test "$(stat -c %a "${file%/*}")" = 700
done
touch "$tmpdir/go"
wait_expecting 0
expect_nothing_left
