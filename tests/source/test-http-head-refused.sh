#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A URL that is signed for GET: it is HEAD that the server refuses, and no
# login would help.  nbdkit 1.48 goes on after status 403.
. ./functions.sh

make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
for status in 400 401 403 405 501; do
    start_particular head=$status
    run_expecting '0|4:unsupported:false' v2v-nbdkit-launch \
        -os "$tmpdir/out" -on "guest$status" "$particular_url?Signature=x"
    if [ -e "$tmpdir/out/guest$status-sda" ]; then
        expect test $status = 403
        expect_same "$tmpdir/disk" "$tmpdir/out/guest$status-sda"
    else
        expect_error "refuses HEAD.*$status"
        expect_hint 'signed for GET'
    fi
    stop_pid "$server_pid"
done
expect_nothing_left
