#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a terminal no password is asked for.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
SECONDS=0
run_expecting 4:auth:false v2v-nbdkit-launch -o null \
    "${http_url/:\/\//://$http_user@}/auth/disk"
expect_stderr '-ip'
expect_seconds 5
