#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What COMMAND leaves running ends with the run.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -q -o null \
    --convert 'setsid sleep 1000 >/dev/null 2>&1 </dev/null &' "$tmpdir/disk"
expect_untouched
expect_nothing_left
