#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --long-options and --short-options list what --help knows.
. ./functions.sh

run_expecting 0 v2v-nbdkit-launch --help
cp "$out" "$tmpdir/help"

run_expecting 0 v2v-nbdkit-launch --long-options
for option in --convert --dry-run --help --machine-readable --run --selinux; do
    expect grep -qxF -- "$option" "$out"
done
while read -r option; do
    expect grep -qF -- "$option" "$tmpdir/help"
done <"$out"

run_expecting 0 v2v-nbdkit-launch --short-options
for option in -i -o -v -x -q; do
    expect grep -qxF -- "$option" "$out"
done
