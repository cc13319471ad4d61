#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of three disks, on two buses, arrives whole over HTTPS from ESXi
# and vCenter, also when the disks are copied at once.
. ./functions.sh

vm="$tmpdir/datastores/ds 1/folder/vm"
make_vmx "$vm"
# libvirt calls both the first SCSI and the first SATA disk sda.
add_vmx_disk "$vm" scsi0:1 'disk 2.vmdk'
add_vmx_disk "$vm" sata0:0 'disk 3.vmdk'
try ()
{
    start_vmware "${@:2}"
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" \
        -ip "$tmpdir/password" -o disk -os "$tmpdir/out" \
        --parallel "$1" 'mail server'
    expect_three_disks "$vm" "$tmpdir/out"
    stop_pid "$server_pid"
}
try 1
try 3 --vcenter --datacenter DC
expect_nothing_left
