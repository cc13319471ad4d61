#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A --convert that is killed is status 5, and the signal is named.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 5:convert:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest --convert 'kill -KILL $$' "$tmpdir/disk"
expect_error 'was killed by signal 9'
expect test -z "$(ls -A "$tmpdir/out")"
expect_untouched
expect_nothing_left
