#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o null notices that the source cannot be read to its end.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
requires_filter error
run_expecting 6:read:true v2v-nbdkit-launch --retries 0 -o null \
    -io filter=error -i nbdkit file "$tmpdir/disk" error-pread-rate=100% \
    error-file="$tmpdir/broken" --convert "touch '$tmpdir/broken'"
expect_error 'cannot read nbdkit file: .*EIO'
expect_untouched
expect_nothing_left
