#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --readahead on makes the filter's absence an error; where it has no effect
# there is a warning.
. ./functions.sh

requires_program qemu-img
qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse \
    "$tmpdir/disk.vmdk" 1M
printf '%s\n' 'scsi0.present = "TRUE"' 'scsi0:0.present = "TRUE"' \
    'scsi0:0.fileName = "disk.vmdk"' >"$tmpdir/guest.vmx"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/guest.vmx" --dry-run \
    --readahead on
expect_stderr 'warning: sda: --readahead on has no effect'
expect_not grep -q -- '--filter' "$out"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/guest.vmx" --dry-run
expect_no_stderr 'no effect'

use_stand_in 1.24 retry
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch --readahead on \
    --dry-run http://example.com/disk
expect_error 'readahead-filter.so does not exist'

# Two of them would wait for each other in an old nbdkit.
use_stand_in 1.24 readahead
run_expecting 0 v2v-nbdkit-launch --dry-run -o null -io filter=readahead \
    http://example.com/disk
expect_not grep -q 'filter readahead.*filter readahead' "$out"
expect grep -q 'filter readahead' "$out"
