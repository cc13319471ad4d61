#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# When one of two disks cannot be opened nothing is copied.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/a" 3M
mkdir "$tmpdir/out"
run_expecting 4:not-found:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest --convert "touch '$tmpdir/converted'" "$tmpdir/a" "$tmpdir/none"
expect_error '/none: No such file'
expect test ! -e "$tmpdir/converted"
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
