#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# COMMAND does not eat or wait for our stdin.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
SECONDS=0
run_expecting 0 v2v-nbdkit-launch -q -o null --convert 'cat >/dev/null' \
    "$tmpdir/disk"
expect_seconds 60
expect_untouched
expect_nothing_left
