#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs at the same time do not meet.
. ./functions.sh

requires_plugin file
pids=()
mkdir "$tmpdir/out"
for i in 1 2 3 4 5 6; do
    make_disk "$tmpdir/disk$i" 2M
    v2v-nbdkit-launch -q -o disk -os "$tmpdir/out" -on "guest$i" \
        "$tmpdir/disk$i" </dev/null >"$tmpdir/logs/run$i" 2>&1 &
    pids+=("$!")
done
for pid in "${pids[@]}"; do
    wait "$pid"
done
for i in 1 2 3 4 5 6; do
    expect_same "$tmpdir/disk$i" "$tmpdir/out/guest$i-sda"
done
expect_nothing_left
