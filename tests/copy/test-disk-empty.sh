#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An empty disk is a disk.
. ./functions.sh

requires_plugin file
: >"$tmpdir/disk"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/disk"
expect test -f "$tmpdir/out/guest-sda"
expect test ! -s "$tmpdir/out/guest-sda"
expect_nothing_left
