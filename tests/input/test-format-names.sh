#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One format, several names: "vhd", "avhd" and qemu's "vpc", on the command line
# as in a guest's XML.
. ./functions.sh

requires_program qemu-img
cd "$tmpdir"
make_disk disk 4M
qemu-img convert -f raw -O vpc -o force_size=on disk disk.vhd
for name in vhd VHD avhd vpc; do
    mkdir out
    run_expecting 0 v2v-nbdkit-launch -if $name "$tmpdir/disk.vhd" -os out \
        -on 1
    expect_same disk out/1-sda
    cat >guest.xml <<EOF
<domain type='kvm'><name>guest</name><memory>1</memory>
<os><type>hvm</type></os><devices><disk type='file' device='disk'>
<driver name='qemu' type='$name'/><source file='$tmpdir/disk.vhd'/>
<target dev='sda' bus='scsi'/></disk></devices></domain>
EOF
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml guest.xml -os out -on 2
    expect_same disk out/2-sda
    rm -r out
done

# An image that is another one than they say.
run_expecting 4:unsupported:false v2v-nbdkit-launch -if avhdx \
    "$tmpdir/disk.vhd" -o null
expect_error 'not a VHDX image, but a VHD image'
