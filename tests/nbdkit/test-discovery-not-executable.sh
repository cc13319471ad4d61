#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit without the x bit: status 3, and that.
. ./functions.sh

touch "$tmpdir/disk"
cp "$stand_ins/nbdkit-not-executable" "$tmpdir/nbdkit-locked"
chmod 0644 "$tmpdir/nbdkit-locked"
run_expecting 3:nbdkit-missing:false v2v-nbdkit-launch \
    --nbdkit "$tmpdir/nbdkit-locked" --dry-run "$tmpdir/disk"
expect_error 'nbdkit-locked.*Permission denied'
run_expecting 3:nbdkit-missing:false v2v-nbdkit-launch --nbdkit "$tmpdir" \
    --dry-run "$tmpdir/disk"
expect_error "cannot be run: $tmpdir: Permission denied"
