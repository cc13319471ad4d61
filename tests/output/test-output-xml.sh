#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o disk writes libvirt XML next to the disks.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -of qcow2 \
    -on guest "$tmpdir/disk"
expect grep -q "<name>guest</name>" "$tmpdir/out/guest.xml"
expect grep -q "$tmpdir/out/guest-sda" "$tmpdir/out/guest.xml"
expect grep -q "qcow2" "$tmpdir/out/guest.xml"
expect_untouched
expect_nothing_left
