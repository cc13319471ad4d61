#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -q prints nothing when all is well.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch -q -o null "$tmpdir/disk"
expect test ! -s "$out"
expect test ! -s "$err"
