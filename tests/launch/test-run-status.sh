#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --run passes COMMAND's status on.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --run true "$tmpdir/disk"
run_expecting 7 v2v-nbdkit-launch --run 'exit 7' "$tmpdir/disk"
run_expecting 137 v2v-nbdkit-launch --run 'kill -9 $$' "$tmpdir/disk"
expect_untouched
expect_nothing_left
