#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check and --print-source tell what a disk's image is, and the size of the
# disk in it, not that of the file.
. ./functions.sh

requires_plugin file
requires_program qemu-img jq
cd "$tmpdir"

# checked ITEM: the message of that item of --check.
checked () { jq -r "select (.type == \"check\" and .item == \"$1\").message" \
                "$out"; }

# told PROGRAM: what that jq program makes of the source object's disks.
told () { jq -c "select (.type == \"source\").disks | $1" "$out"; }

# look FILE SIZE IMAGE STATE [OPTION...]
look ()
{
    run_expecting 0 v2v-nbdkit-launch --check "${@:5}" "$1" \
        --machine-readable -o null
    expect grep -q "($2 bytes)\$" <<<"$(checked size)"
    expect grep -qx "$3, in a file of [0-9.]* [KM]iB" <<<"$(checked image)"
    run_expecting 0 v2v-nbdkit-launch --print-source "${@:5}" "$1"
    expect_stdout "^	+$3, $2 bytes$"
    run_expecting 0 v2v-nbdkit-launch --print-source "${@:5}" "$1" \
        --machine-readable
    expect test "$(told '.[0] | [.virtual_size, .image.format] +
        .image.state + .image.files')" = "[$2,$4]"
}

qemu-img create -q -f qcow2 d.qcow2 10G
look d.qcow2 10737418240 'a qcow2 image' '"qcow2"'
qemu-img create -q -f qcow2 -F qcow2 -b "$tmpdir/d.qcow2" child.qcow2
look child.qcow2 10737418240 \
    "a qcow2 image, with another file: $tmpdir/d.qcow2" \
    "\"qcow2\",\"$tmpdir/d.qcow2\"" -io allow-backing=true
# A copy that was interrupted: a program is told so, too.
qemu-img create -q -f qcow2 -o preallocation=full cut.qcow2 1M
truncate -s 1M cut.qcow2
run_expecting 0 v2v-nbdkit-launch --print-source cut.qcow2 --machine-readable
expect test "$(told '.[0].image.state')" = '["incomplete"]'
make_disk d.img 3M
run_expecting 0 v2v-nbdkit-launch --check d.img --machine-readable -o null
expect test "$(checked size) $(checked image)" = \
    '3 MiB (3145728 bytes) a raw disk'
# Formats of which qemu tells the size.
for format in $(known_formats vdi vhdx qed parallels vmdk); do
    qemu-img create -q -f $format d.$format 2G
    run_expecting 0 v2v-nbdkit-launch --check d.$format --machine-readable \
        -o null
    expect test "$(checked size)" = '2 GiB (2147483648 bytes)'
done

# A disk in an OVA; one that is not there is no error.
make_ovf "$tmpdir/ovf"
make_ova vm.ova
for source in ovf vm.ova; do
    run_expecting 0 v2v-nbdkit-launch --print-source -i ova $source \
        --machine-readable
    expect test "$(told '[.[].image != null]')" = '[true,true]'
done
cat >g.xml <<END
<domain type='kvm'><name>g</name><memory>1048576</memory><devices>
<disk type='file'><driver name='qemu' type='raw'/><source file='none'/>
<target dev='vda'/></disk><disk type='file'><driver name='qemu' type='raw'/>
<source file='d.qcow2'/><target dev='vdb'/></disk></devices></domain>
END
run_expecting 0 v2v-nbdkit-launch --print-source -i libvirtxml g.xml \
    --machine-readable
expect test "$(told '[.[] | .virtual_size, .image.format]')" = \
    '[null,null,10737418240,"qcow2"]'
expect_nothing_left
