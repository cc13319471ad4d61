#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that is shorter, or longer, when it is copied than when it was
# opened is an error: it is not filled up with zeroes.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/out"
for size in 3M 5M; do
    for filter in '' '-io filter=noextents'; do
        make_disk "$tmpdir/disk" 4M
        # shellcheck disable=SC2086
        run_expecting 6:source-changed:false v2v-nbdkit-launch -o disk \
            -os "$tmpdir/out" \
            -on guest $filter --convert "truncate -s $size '$tmpdir/disk'" \
            --result-file "$tmpdir/result" "$tmpdir/disk"
        expect_error 'the size of the source changed from 4194304 to'
        expect test "$(jq -r .reason "$tmpdir/result")" = source-changed
        expect test -z "$(ls -A "$tmpdir/out")"
        rm "$tmpdir/disk"
    done
done
expect_nothing_left
