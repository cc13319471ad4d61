#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that answers nobody who does not say who asks: nbdkit is told to say
# it.  Others are not told.
. ./functions.sh

make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
start_particular agent
run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
    "$particular_url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect grep -q '^HEAD None v2v-nbdkit-launch/' "$tmpdir/logs/requests"
stop_pid "$server_pid"

start_particular
run_expecting 0 v2v-nbdkit-launch -o null "$particular_url"
! grep v2v-nbdkit-launch/ "$tmpdir/logs/requests" || fail "who asks is told"
expect_nothing_left
