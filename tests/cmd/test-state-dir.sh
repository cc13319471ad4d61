#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --state-dir: the state directory is made where the option says, private, with
# the directories above it.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
truncate -s 1M "$tmpdir/target"
run_expecting 0 v2v-nbdkit-launch --state-dir "$tmpdir/a b/c" \
    -o device -oo path="$tmpdir/target" "$tmpdir/disk"
expect test "$(stat -c %a "$tmpdir/a b/c")" = 700
expect test "$(stat -c %a "$tmpdir/a b")" = 700
expect test ! -e "$state_dir"
