#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After SIGKILL no password is left in any file.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
echo "$http_password" >"$tmpdir/password"
run_in_background v2v-nbdkit-launch -o null --convert \
    "touch '$tmpdir/reached'; sleep 1000" \
    -ip "$tmpdir/password" -io curl-user="$http_user" "$http_url/auth/disk"
wait_for test -e "$tmpdir/reached"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
expect_nowhere "$http_password"
