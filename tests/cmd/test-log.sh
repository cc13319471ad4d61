#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --log gets what nbdkit and the conversion command print.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch --log "$tmpdir/run.log" -o null \
    --convert 'echo said-on-stdout; echo said-on-stderr >&2' "$tmpdir/disk"
expect grep -q said-on-stdout "$tmpdir/run.log"
expect grep -q said-on-stderr "$tmpdir/run.log"
expect grep -q said-on-stdout "$out" "$err"
expect grep -q said-on-stderr "$err" "$out"
