#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo zero=skip cannot be promised of a target that holds an earlier copy.
. ./functions.sh

truncate -s 1M "$tmpdir/disk"
truncate -s 1M "$tmpdir/target"
write_random "$tmpdir/target" 0 1048576
cp "$tmpdir/target" "$tmpdir/before"
echo '[{"start":0,"length":65536}]' >"$tmpdir/extents"
start_nbdkit target file "$tmpdir/target"
for output in "device -oo path=$tmpdir/target" "nbd -oo uri=$nbdkit_uri"; do
    for check in '' --check; do
        # shellcheck disable=SC2086
        run_expecting 2:usage:false v2v-nbdkit-launch -if raw -o $output \
            -oo zero=skip --changed-extents "$tmpdir/extents" $check \
            "$tmpdir/disk"
    done
    expect_error 'zero=skip cannot be used with --changed-extents'
    # shellcheck disable=SC2086
    run_expecting 2:usage:false v2v-nbdkit-launch -if raw -o $output \
        -oo zero=skip --changed-extents "$tmpdir/extents" --convert : \
        "$tmpdir/disk"
done
expect_same "$tmpdir/before" "$tmpdir/target"
expect_nothing_left
