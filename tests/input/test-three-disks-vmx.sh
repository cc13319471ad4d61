#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx: a guest of three disks, on two buses, arrives whole: local, and
# over ssh with the disks copied at once.
. ./functions.sh

make_vmx "$tmpdir/vm"
add_vmx_disk "$tmpdir/vm" sata0:0 'disk 3.vmdk'
add_vmx_disk "$tmpdir/vm" scsi1:0 'disk 2.vmdk'
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk \
    -os "$tmpdir/out"
expect_three_disks "$tmpdir/vm" "$tmpdir/out"

start_sshd
rm -rf "$tmpdir/out"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -i vmx -it ssh "${ssh_options[@]}" \
    --parallel 3 -o disk -os "$tmpdir/out" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/vm/vm.vmx"
expect_three_disks "$tmpdir/vm" "$tmpdir/out"
expect_nothing_left
