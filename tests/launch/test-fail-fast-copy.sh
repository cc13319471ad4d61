#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The copy of a slow source is not what finds a wrong URL.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
run_expecting 4:not-found:false v2v-nbdkit-launch -o null --retries 9 \
    --convert "touch '$tmpdir/converted'" "$http_url/disk" "$http_url/none"
expect_error 'none: there is no such file on the server'
expect test ! -e "$tmpdir/converted"
expect_nothing_left
