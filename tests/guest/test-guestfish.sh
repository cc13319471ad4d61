#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# guestfish changes a file in the guest.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-7200}
. ./functions.sh
guest_in_ci=yes
. "$abs_srcdir/guest/guest.sh"

requires_program guestfish mke2fs
requires_plugin file
make_guest
use_libguestfs
truncate -s 64M "$tmpdir/disk"
mkdir "$tmpdir/files" "$tmpdir/out"
echo before >"$tmpdir/files/hello"
mke2fs -q -t ext4 -d "$tmpdir/files" "$tmpdir/disk"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --convert 'guestfish --format=qcow2 -a "$overlay" -m /dev/sda \
        write /hello after' "$tmpdir/disk"
expect test "$(debugfs -R 'cat /hello' "$tmpdir/out/guest-sda" \
    2>/dev/null)" = after
expect_untouched
expect_nothing_left
