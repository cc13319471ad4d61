#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that answers nobody who does not say who asks.
. ./functions.sh

make_disk "$tmpdir/disk" 2M
mkdir "$tmpdir/out"
start_particular agent
run_expecting 0 v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
    "$particular_url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect grep -q '^HEAD None v2v-nbdkit-launch/' "$tmpdir/logs/requests"
