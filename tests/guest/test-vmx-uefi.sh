#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A whole guest of two disks boots with UEFI from the copy of a .vmx, whose
# VMDKs are a flat and a sparse one, and finds both.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-3600}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"
[ -e /usr/share/OVMF/OVMF_CODE_4M.fd ] ||
    [ -e /usr/share/edk2/ovmf/OVMF_CODE.fd ] ||
    skip 'no build of UEFI is installed'
. "$abs_srcdir/guest/two-disks.sh"

make_vmx "$tmpdir/vm"
# The firmware (ovmf 2022.11) finds no disk of pvscsi.
sed -i -e '/pvscsi/d' -e 's/^scsi0/sata0/' "$tmpdir/vm/vm.vmx"
add_vmx_disk "$tmpdir/vm" sata0:1 'disk 2.vmdk'
echo 'firmware = "efi"' >>"$tmpdir/vm/vm.vmx"
mv "$tmpdir/root" "$tmpdir/vm/disk 1-flat.vmdk"
sed -i "s/RW 10240/RW $((
    $(stat -c %s "$tmpdir/vm/disk 1-flat.vmdk") / 512))/" \
    "$tmpdir/vm/disk 1.vmdk"
rm "$tmpdir/vm/disk 2-flat.vmdk"
qemu-img convert -f raw -O vmdk "$tmpdir/data" "$tmpdir/vm/disk 2.vmdk"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" \
    -o qemu -os "$tmpdir/out" -on guest
expect_same "$tmpdir/vm/disk 1-flat.vmdk" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/data" "$tmpdir/out/guest-sdb"
expect_nothing_left
boots "$tmpdir/out/guest.sh" -machine accel=tcg -display none -no-reboot \
    -serial "file:$tmpdir/serial"
says 'firmware: UEFI'
