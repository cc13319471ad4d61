#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that never listens is given up after --startup-timeout.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
export V2V_NBDKIT=$stand_ins/nbdkit-never-listens
SECONDS=0
run_expecting 4:timeout:true v2v-nbdkit-launch --startup-timeout 2 -o null \
    "$tmpdir/disk"
expect_error 'nbdkit is not listening after 2 seconds'
expect test $SECONDS -ge 2
expect_seconds 20
expect_nothing_left
