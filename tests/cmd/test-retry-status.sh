#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --retry-status N: the exit status when the same call may succeed later, and
# only then.
. ./functions.sh

requires_plugin file curl
requires_program jq
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/www"
start_nginx
run_expecting 75:session-limit:true v2v-nbdkit-launch --retry-status 75 \
    -o null "$http_url/503/disk"
expect test "$(jq .exit "$result_file")" = 75
run_expecting 4:not-found:false v2v-nbdkit-launch --retry-status 75 -o null \
    "$tmpdir/none"
run_expecting 2:usage:false v2v-nbdkit-launch --retry-status 75 \
    "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --retry-status 75 -o null "$tmpdir/disk"
run_expecting 2:usage:false v2v-nbdkit-launch --retry-status 256 -o null \
    "$tmpdir/disk"
expect_nothing_left
