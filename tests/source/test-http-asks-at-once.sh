#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A web server is asked for the version of a file twice at the end, both times
# at once, and once more at the start, while nbdkit opens it.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
start_particular 'etag="one"' pause=400
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$particular_url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect test "$(grep -c ', 1 at once' "$tmpdir/logs/requests")" = 2
expect test "$(grep -c ', 2 at once' "$tmpdir/logs/requests")" = 2
# nbdkit's question is answered before our second one.
expect test "$(grep -n 'HEAD' "$tmpdir/logs/requests" | sed -n '1s/:.*//p')" \
    -lt "$(grep -n ', 1 at once' "$tmpdir/logs/requests" |
           sed -n '2s/:.*//p')"
expect_nothing_left
