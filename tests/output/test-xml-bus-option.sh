#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo bus= says what the disks of NAME.xml are attached to, and is refused
# where it cannot be, or changes nothing.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest -if raw)

# attaches WORD DEV BUS [CONTROLLER]
attaches ()
{
    run_expecting 0 "${copy[@]}" -oo bus="$1" "$tmpdir/disk" "$tmpdir/disk"
    expect grep -qF "<target dev=\"$2\" bus=\"$3\"/>" "$tmpdir/out/guest.xml"
    expect grep -qF "${4-<disk}" "$tmpdir/out/guest.xml"
    expect_no_stderr 'not known'
}

attaches ide hdb ide 'machine="pc"'
attaches sata sdb sata
attaches scsi sdb scsi 'model="lsisas1068"'
attaches usb sdb usb
attaches virtio vdb virtio
attaches virtio-scsi sdb scsi 'model="virtio-scsi"'
# It counts more than a conversion.
run_expecting 0 "${copy[@]}" -oo bus=sata --convert true "$tmpdir/disk"
expect grep -qF '<target dev="sda" bus="sata"/>' "$tmpdir/out/guest.xml"

run_expecting 2:usage:false "${copy[@]}" -oo bus=virtoi "$tmpdir/disk"
expect_error "-oo bus: 'virtoi' is not one of"
expect_stderr 'did you mean .-oo bus=virtio'
run_expecting 2:usage:false "${copy[@]}" -oo bus "$tmpdir/disk"
expect_error "-oo bus: '' is not one of"
run_expecting 2:usage:false v2v-nbdkit-launch -o null -oo bus=ide \
    "$tmpdir/disk"
expect_error "-o null has no option"
disks=("$tmpdir/disk" "$tmpdir/disk" "$tmpdir/disk" "$tmpdir/disk")
run_expecting 0 "${copy[@]}" -oo bus=ide "${disks[@]}"
run_expecting 2:usage:false "${copy[@]}" -oo bus=ide "${disks[@]}" \
    "$tmpdir/disk"
expect_error '-oo bus=ide: only machines of type pc'
expect_stderr 'hint: .*-oo bus=sata'
echo '[]' >"$tmpdir/extents"
run_expecting 2:usage:false "${copy[@]}" -oo bus=ide \
    --changed-extents "$tmpdir/extents" "$tmpdir/disk"
expect_error '-oo bus is for new files'
expect_nothing_left
