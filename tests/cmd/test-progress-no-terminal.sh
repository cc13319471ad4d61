#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a terminal there are lines and no control characters.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/disk"
expect grep -q . "$out" "$err"
expect_not grep -q "$(printf '[\r\033]')" "$out" "$err"
