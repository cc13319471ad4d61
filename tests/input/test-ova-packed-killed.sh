#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Killed without a chance to clean up: what was unpacked goes all the same.
. ./functions.sh

make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/vm.ova"
gzip "$tmpdir/vm.ova"
mkdir "$tmpdir/overlays"
run_in_background v2v-nbdkit-launch -i ova "$tmpdir/vm.ova.gz" -o null \
    --overlay-dir "$tmpdir/overlays" \
    --convert "touch '$tmpdir/reached'; sleep 1000"
wait_for test -e "$tmpdir/reached"
expect test -n "$(ls "$tmpdir"/overlays/*/ova.*)"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
expect test -z "$(ls -A "$tmpdir/overlays")"
