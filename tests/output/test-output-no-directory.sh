#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The directory of -os must exist, which is checked before anything is done.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 1:write:false v2v-nbdkit-launch -o disk -os "$tmpdir/none" \
    -on guest --convert "touch '$tmpdir/converted'" "$tmpdir/disk"
expect_error 'none.*No such file'
expect test ! -e "$tmpdir/converted"
expect_untouched
expect_nothing_left
