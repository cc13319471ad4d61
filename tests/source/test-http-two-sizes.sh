#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A cache that answers HEAD from an older copy: nbdkit believes its size, and
# the ranges tell another one.
. ./functions.sh

make_disk "$tmpdir/disk" 8M
mkdir "$tmpdir/out"
for size in 4194304 16777216 0; do
    start_particular head-size=$size
    run_expecting 4:source-changed:false v2v-nbdkit-launch \
        -os "$tmpdir/out" -on guest "$particular_url"
    expect_error "two sizes: $size bytes \(HEAD\) and 8388608"
    run_expecting 4:source-changed:false v2v-nbdkit-launch --check -o null \
        "$particular_url"
    stop_pid "$server_pid"
done
expect test -z "$(ls -A "$tmpdir/out")"
# A filter may serve fewer bytes than the file has.
start_particular head-size=8388608
run_expecting 0 v2v-nbdkit-launch -i nbdkit curl url="$particular_url" \
    -o null
expect_nothing_left
