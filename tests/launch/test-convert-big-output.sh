#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Megabytes of output without a newline do no harm.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -q --log "$tmpdir/run.log" -o null \
    --convert 'head -c 5000000 /dev/zero | tr "\0" x' "$tmpdir/disk"
expect test "$(cat "$out" "$err" | tr -cd x | wc -c)" -ge 5000000
expect_untouched
expect_nothing_left
