#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads that fail at 1 %, 10 %, and for a while everywhere are tried again;
# the first error and the number are in the result.
. ./functions.sh

requires_plugin file
requires_filter error
make_disk "$tmpdir/disk" 64M
for rate in 1% 10%; do
    start_nbdkit error${rate%?} --filter error file "$tmpdir/disk" \
        error-pread-rate=$rate
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        --request-size 64k --retries 20 --result-file "$tmpdir/result" \
        "$nbdkit_uri"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    expect_nothing_left
    rm -r "$tmpdir/out"
done
expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -gt 0
expect test "$(jq '.disks[0].first_error' "$tmpdir/result")" != null
