#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without descriptors to spare it fails, and leaves nothing.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
for limit in 6 10 14 20; do
    status=0
    (ulimit -n $limit
     v2v-nbdkit-launch -o null "$tmpdir/disk" </dev/null >"$out" 2>"$err") ||
        status=$?
    case $status in
        0|1|3|4|6) ;;
        *) fail "exit status $status with $limit descriptors" ;;
    esac
    [ $status = 0 ] || expect_stderr 'error: '
    expect_nothing_left
done
