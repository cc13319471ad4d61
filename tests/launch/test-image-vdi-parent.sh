#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VDI that holds only what differs from another one is refused as a part of
# a snapshot, by the parent's name in VirtualBox.
. ./functions.sh

requires_plugin file
requires_program qemu-img
image=$tmpdir/disk.vdi
put () { printf "$2" | dd of="$image" bs=1 seek="$1" conv=notrunc status=none; }
make_disk "$tmpdir/disk" 3M
qemu-img convert -O vdi "$tmpdir/disk" "$image"
cp "$image" "$tmpdir/whole.vdi"

put 76 '\4'
put 424 '\x78\x56\x34\x12\xbc\x9a\xf0\xde\x01\x02\x03\x04\x05\x06\x07\x08'
run_expecting 4:snapshot:false v2v-nbdkit-launch -o null "$image"
expect_error 'its parent, \{12345678-9abc-def0-0102-030405060708\}'
expect_hint 'VBoxManage clonemedium'
# The type, or either of the parent's two names, is enough.
cp "$tmpdir/whole.vdi" "$image"
put 76 '\4'
run_expecting 4:snapshot:false v2v-nbdkit-launch -o null "$image"
cp "$tmpdir/whole.vdi" "$image"
put 440 x
run_expecting 4:snapshot:false v2v-nbdkit-launch -if vdi -o null "$image"
expect_error 'holds only a part of the disk'
expect_nothing_left
