#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx: what a descriptor names may not lead away from its directory, and
# must be there, whole and as large as described; qemu sees none of it before.
. ./functions.sh

requires_plugin nbd
requires_program qemu-img
vm=$tmpdir/vm
make_vmx "$vm"
rm "$vm"/disk*
mkfifo "$vm/fifo"
make_disk "$tmpdir/outside" 1M
ln -s "$tmpdir/outside" "$vm/link.vmdk"
make_disk "$vm/flat" 1M

# descriptor LINE...: two extents, of which the first one is always good.
descriptor ()
{
    printf '%s\n' '# Disk DescriptorFile' version=1 CID=fffffffe \
        parentCID=ffffffff 'createType="twoGbMaxExtentFlat"' \
        'RW 2048 FLAT "flat" 0' "$@" >"$vm/disk 1.vmdk"
}

# refused REASON REGEX
refused ()
{
    run_expecting "4:$1:false" v2v-nbdkit-launch -x -i vmx "$vm/vm.vmx" \
        -o null
    expect_error "$2"
    expect_not grep -q '^+ .*qemu' "$out" "$err"
    expect_nothing_left
}

for name in "$tmpdir/outside" ../outside sub/flat .. "$vm/flat" nbd:flat \
    'json:{}' "nbd+unix:///?socket=$tmpdir/nobody" ''; do
    descriptor "RW 2048 FLAT \"$name\" 0"
    refused untrusted-image 'names another file, .*that is not beside it'
done
descriptor 'RW 2048 FLAT "link.vmdk" 0'
refused untrusted-image 'link that leads out'
descriptor 'RW 2048 FLAT "fifo" 0'
refused untrusted-image 'fifo is not a regular file'
descriptor 'RW 2048 FLAT "none" 0'
refused not-found 'none: No such file'
descriptor 'RW 2049 FLAT "flat" 0'
refused unsupported 'flat is incomplete: 512 bytes are missing'
descriptor 'RW 2048 FLAT "flat" 9223372036854775807'
refused untrusted-image 'too large'

# What qemu leaves out, so that the disk would be shorter.
for line in 'RW 2048 ZERO' 'NOACCESS 2048 ZERO' 'RW 8 VMFSRDM "flat" 0' \
    'RDONLY 2048 FLAT "flat" 0' 'NOACCESS 2048 FLAT "flat" 0' \
    'RW 1 VMFSRAW "flat"' 'RW 0 FLAT "flat" 0'; do
    descriptor "$line"
    refused unsupported 'extents that are not in files'
    expect_hint 'clone the disk, or export'
done

# Sparse pieces: of another size, cut, a descriptor, a parent's child.
qemu-img create -q -f vmdk -o subformat=twoGbMaxExtentSparse \
    "$vm/p.vmdk" 1M
sparse='RW 2048 SPARSE "p-s001.vmdk"'
qemu-io -f vmdk -c 'write -P 7 0 1M' "$vm/p.vmdk" >"$tmpdir/logs/io"
descriptor "$sparse" 'RW 2048 FLAT "flat" 0'
run_expecting 0 v2v-nbdkit-launch -i vmx "$vm/vm.vmx" -o null
descriptor 'RW 2000 SPARSE "p-s001.vmdk"' 'RW 2048 FLAT "flat" 0'
refused untrusted-image 'p-s001.vmdk does not match'
descriptor "$sparse" 'RW 2048 FLAT "flat" 0'
truncate -s -1000 "$vm/p-s001.vmdk"
refused unsupported 'p-s001.vmdk is incomplete: 1000 bytes are missing'
cp "$vm/p.vmdk" "$vm/p-s001.vmdk"
refused untrusted-image 'p-s001.vmdk does not match'
qemu-img create -q -f vmdk "$vm/p-s001.vmdk" 1M
refused untrusted-image 'p-s001.vmdk does not match'
write_zeroes "$vm/p-s001.vmdk" 12 8 # no capacity
refused untrusted-image 'does not give a capacity'
