#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A --convert that fails is status 5, and no target is left.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 5:convert:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest --convert 'echo no kernel found >&2; exit 3' "$tmpdir/disk"
expect_error 'status 3'
expect_stderr 'no kernel found'
expect test -z "$(ls -A "$tmpdir/out")"
expect_untouched
expect_nothing_left
