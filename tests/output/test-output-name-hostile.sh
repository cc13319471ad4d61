#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -on must not lead out of the output directory.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
for name in ../guest /guest a/b . .. ''; do
    run_expecting 2:usage:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
        -on "$name" "$tmpdir/disk"
    expect_error 'cannot be used in the names of files|name is empty'
done
expect test -z "$(ls -A "$tmpdir/out")"
expect test ! -e "$tmpdir/guest-sda"
expect_untouched
expect_nothing_left
