#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --run's exports cannot be written.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch --run '
    qemu-io -r -f raw -c "read 0 64k" "$uri" &&
    ! qemu-io -f raw -c "write 0 64k" "$uri"' "$tmpdir/disk"
expect_untouched
expect_nothing_left
