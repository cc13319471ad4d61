#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx -it ssh: disks elsewhere on the host are read only with -io
# allow-outside=true, except those on the datastores of an ESXi host.
. ./functions.sh

start_sshd
vm="$tmpdir/a vm"
make_vmx "$vm"
make_vmx "$tmpdir/other"
cp "$vm/vm.vmx" "$tmpdir/original"
uri="ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/a%20vm/vm.vmx"

# names NAME: the .vmx names this as its disk.
names ()
{
    sed "s|disk 1.vmdk|$1|" "$tmpdir/original" >"$vm/vm.vmx"
}

read_disk=(v2v-nbdkit-launch -i vmx -it ssh "${ssh_options[@]}" -o null
    "$uri")

for name in "$tmpdir/other/disk 1.vmdk" "../other/disk 1.vmdk" \
    '/vmfs/volumes/../../etc/passwd.vmdk' /vmfs/volumes/ds/vm/vm.nvram; do
    names "$name"
    run_expecting 4:untrusted-image:false "${read_disk[@]}"
    expect_error "names the disk ${name//./\\.}, which is outside its folder"
    expect_hint '-io allow-outside=true'
done
names "$tmpdir/other/disk 1.vmdk"
run_expecting 0 "${read_disk[@]}" -io allow-outside=true
expect_stderr "other/disk 1.vmdk is outside the folder of .*/a vm/vm.vmx"
names "$vm/disk 1.vmdk"
run_expecting 0 "${read_disk[@]}"
expect_not grep -q 'is outside' "$err"
names "/vmfs/volumes/no such datastore/vm/vm.vmdk"
run_expecting 4:not-found:false "${read_disk[@]}"
expect_nothing_left
