#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A failure leaves the target of before as it was.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
echo precious >"$tmpdir/out/guest-sda"
run_expecting 5:convert:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on guest --convert false "$tmpdir/disk"
expect test "$(cat "$tmpdir/out/guest-sda")" = precious
expect test "$(ls -A "$tmpdir/out")" = guest-sda
expect_untouched
expect_nothing_left
