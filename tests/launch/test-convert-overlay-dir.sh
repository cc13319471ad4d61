#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Overlays live in --overlay-dir and are gone after the run.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
mkdir "$tmpdir/overlays"
run_expecting 0 v2v-nbdkit-launch -o null --overlay-dir "$tmpdir/overlays" \
    --convert "case \$overlay in '$tmpdir/overlays'/*) ;; *) exit 1 ;; esac" \
    "$tmpdir/disk"
expect test -z "$(ls -A "$tmpdir/overlays")"
run_expecting 1:internal:false v2v-nbdkit-launch -o null \
    --overlay-dir "$tmpdir/none" "$tmpdir/disk"
expect_error 'none.*No such file'
expect_untouched
expect_nothing_left
