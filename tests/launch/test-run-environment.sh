#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --run serves every disk, without overlays.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
requires_program nbdcopy
make_disk "$tmpdir/second" 2M
run_expecting 0 v2v-nbdkit-launch --run '
    test "$uri" = "$V2V_URI_0" && test -S "$unixsocket" &&
    test "$V2V_DISK_COUNT" = 2 && test -z "${V2V_OVERLAY_0+set}" &&
    test -z "${overlay+set}" &&
    nbdcopy "$V2V_URI_0" '"'$tmpdir/got0'"' &&
    nbdcopy "$V2V_URI_1" '"'$tmpdir/got1'" "$tmpdir/disk" "$tmpdir/second"
expect_same "$tmpdir/disk" "$tmpdir/got0"
expect_same "$tmpdir/second" "$tmpdir/got1"
expect_untouched
expect_nothing_left
