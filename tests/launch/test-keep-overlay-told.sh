#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --keep-overlay says where the overlays are, however the run ends.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/overlays"
run=(v2v-nbdkit-launch --overlay-dir "$tmpdir/overlays" "$tmpdir/disk")

# kept: the directory is told, and holds an overlay.
expect_kept ()
{
    local dir

    dir=$(sed -n 's/^\[ *[0-9.]*\] The overlays are kept in //p' "$err")
    expect test -f "$dir/sda.qcow2"
}

run_expecting 0 "${run[@]}" --keep-overlay -o null
expect_kept
run_expecting 5:convert:false "${run[@]}" --keep-overlay -o null \
    --convert false
expect_kept
run_expecting 0 "${run[@]}" --keep-overlay --in-place --convert true
expect_kept
run_expecting 0 "${run[@]}" -o null
expect_no_stderr 'are kept'
