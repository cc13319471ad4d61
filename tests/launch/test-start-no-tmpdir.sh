#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A TMPDIR that does not exist or is too long is dealt with.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
TMPDIR=$tmpdir/none run_expecting 1:internal:false v2v-nbdkit-launch -o null \
    "$tmpdir/disk"
expect_error "cannot create a directory in $tmpdir/none: No such file"
# A socket's path has 107 bytes at most.
long=$tmpdir/tmp/$(printf 'x%.0s' {1..150})
mkdir "$long"
TMPDIR=$long run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/disk"
rmdir "$long"
expect_nothing_left
