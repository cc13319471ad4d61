#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VM that runs on a snapshot's disks: their own flat files where there are
# such, else those of before the snapshot.
. ./functions.sh

dir="$tmpdir/datastores/ds 1/folder/vm"
make_vmx "$dir" disk-000003.vmdk
cp "$dir/disk-000003.vmdk" "$dir/disk 1.vmdk"
add_vmx_disk "$dir" scsi0:1 other-000003.vmdk
start_vmware
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -o disk -os "$tmpdir/out" -on own 'mail server'
expect_same "$dir/disk-000003-flat.vmdk" "$tmpdir/out/own-sda"

for disk in disk other; do
    mv "$dir/$disk-000003-flat.vmdk" "$dir/$disk-flat.vmdk"
done
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -o disk -os "$tmpdir/out" -on base 'mail server'
expect_same "$dir/disk-flat.vmdk" "$tmpdir/out/base-sda"
expect_same "$dir/other-flat.vmdk" "$tmpdir/out/base-sdb"
expect_nothing_left
