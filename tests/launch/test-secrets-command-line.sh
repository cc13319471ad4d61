#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A password or a cookie is in no command line and no environment.
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
# Given in the URL, or as an option, it is in our own command line, but in no
# other.
for disk in "${http_url/:\/\//://$http_user:$http_password@}/auth/disk" \
        "-io curl-cookie=session=$http_password $http_url/cookie/disk"; do
    # shellcheck disable=SC2086
    run_traced 0 v2v-nbdkit-launch -v -x --log "$tmpdir/run.log" \
        --machine-readable="file:$tmpdir/events.json" -o null $disk
    sed -i '/\/v2v-nbdkit-launch", "--result-file"/d' "$tmpdir/logs/exec"
    expect_nowhere "$http_password"
done
expect_nothing_left
