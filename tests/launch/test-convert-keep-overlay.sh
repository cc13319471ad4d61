#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --keep-overlay leaves the overlays behind, and only them.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
mkdir "$tmpdir/overlays"
run_expecting 0 v2v-nbdkit-launch -o null --overlay-dir "$tmpdir/overlays" \
    --keep-overlay --convert 'echo "$overlay" >&2' "$tmpdir/disk"
overlay=$(find "$tmpdir/overlays" -type f -name '*qcow2*')
expect test -n "$overlay"
expect test "$(find "$tmpdir/overlays" -type f | wc -l)" = 1
expect grep -qaF QFI "$overlay"
expect_untouched
expect_nothing_left
