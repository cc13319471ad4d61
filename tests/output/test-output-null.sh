#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o null reads everything and writes nothing.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/disk"
expect test -z "$(ls -A "$tmpdir/out")"
expect_untouched
expect_nothing_left
