#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a test writes in the place of a device does not replace the host's.
. ./functions.sh

requires_root
requires unshare --mount --propagation private true
for device in null zero full random urandom; do
    expect host_devices_are_safe /dev/$device
    echo text >"$tmpdir/file"
    expect_not mv -f "$tmpdir/file" /dev/$device
    expect test -c /dev/$device
done
