#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A password is in no command line and no environment.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
echo "$http_password" >"$tmpdir/password"
run_traced 0 v2v-nbdkit-launch -v -x --log "$tmpdir/run.log" \
    --machine-readable="file:$tmpdir/events.json" -o null \
    --convert 'cat /proc/[0-9]*/cmdline; env; cat "$V2V_XML" "$V2V_JSON"' \
    -ip "$tmpdir/password" -io curl-user="$http_user" "$http_url/auth/disk"
expect grep -q nbdkit "$tmpdir/logs/exec"
expect_stdout '^V2V_URI_0='
expect_stdout '<domain'
expect_nowhere "$http_password"
# Given in the URL it is in our own command line, but in no other.
run_traced 0 v2v-nbdkit-launch -v -x --log "$tmpdir/run.log" \
    --machine-readable="file:$tmpdir/events.json" -o null \
    "${http_url/:\/\//://$http_user:$http_password@}/auth/disk"
sed -i '/cmd\/v2v-nbdkit-launch"/d' "$tmpdir/logs/exec"
expect_nowhere "$http_password"
expect_nothing_left
