#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that dies at its start: its own words, in no time.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
export V2V_NBDKIT=$stand_ins/nbdkit-dies-at-start
started=$(date +%s%N)
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null "$tmpdir/disk"
expect_error 'out of cheese'
under_valgrind || sanitized ||
    expect test $((($(date +%s%N) - started) / 1000000)) -le 2000
expect_nothing_left
