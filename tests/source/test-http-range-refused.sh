#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that refuses ranges that end behind the file (webfs does), for good:
# it is not asked for minutes, and --check has the server's words.
. ./functions.sh

make_disk "$tmpdir/disk" 4M
for status in 400 416; do
    start_particular end=$status
    for what in --check --no-progress; do
        SECONDS=0
        run_expecting '0|[46]:unsupported:false' v2v-nbdkit-launch $what \
            -o null "$particular_url"
        expect_seconds 15
        ! grep -q 'error: ' "$err" || expect_error "returned error: $status"
    done
    stop_pid "$server_pid"
done
expect_nothing_left
