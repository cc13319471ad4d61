#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --run does not start COMMAND on a source that cannot be opened.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 4:not-found:false v2v-nbdkit-launch --run "touch '$tmpdir/ran'" \
    "$tmpdir/none"
expect test ! -e "$tmpdir/ran"
expect_untouched
expect_nothing_left
