#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -x shows the commands that are run, -v what is decided.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch -x -o null "$tmpdir/disk"
expect grep -q 'nbdkit .*--unix' "$out" "$err"
expect grep -q 'qemu-img create' "$out" "$err"
run_expecting 0 v2v-nbdkit-launch -v -o null "$tmpdir/disk"
cat "$out" "$err" >"$tmpdir/verbose"
expect grep -q 'readahead' "$tmpdir/verbose"
