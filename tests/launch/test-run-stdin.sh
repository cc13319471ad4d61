#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --run's COMMAND has our stdin, as nbdkit's.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
echo hello | v2v-nbdkit-launch --run "cat >'$tmpdir/got'" "$tmpdir/disk"
expect test "$(cat "$tmpdir/got")" = hello
expect_untouched
expect_nothing_left
