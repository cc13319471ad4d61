#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target whose owner's quota is used up is short of space.
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
recorded_failing 8:space:false \
    "122 pwrite 1 v2v-nbdkit-launch $tmpdir/out/guest.part/sda" \
    -o disk -os "$tmpdir/out" -on guest "$tmpdir/disk"
expect_error 'quota'
expect_nothing_left
