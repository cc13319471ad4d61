#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An OVF of several VMs: the error says what to write for each, and only the
# disks of the one that is chosen are read.
. ./functions.sh

make_ovf "$tmpdir/ovf"
mkdir "$tmpdir/out"
# A collection of two, each with one of the disks.
{
    sed -n '1,/<\/DiskSection>/p' "$tmpdir/ovf/vm.ovf"
    echo '<VirtualSystemCollection ovf:id="all">'
    for n in 1 2; do
        cat <<EOF
<VirtualSystem ovf:id="vm-$n"><Name>the vm $n</Name><VirtualHardwareSection>
<Item><rasd:HostResource>ovf:/disk/vmdisk$n</rasd:HostResource>
<rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>17</rasd:ResourceType>
</Item></VirtualHardwareSection></VirtualSystem>
EOF
    done
    echo '</VirtualSystemCollection></Envelope>'
} >"$tmpdir/vm.ovf"
mv "$tmpdir/vm.ovf" "$tmpdir/ovf"
rm "$tmpdir/ovf/vm.mf"
tar -C "$tmpdir/ovf" -czf "$tmpdir/vm.ova" .

for source in ovf vm.ova; do
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null -i ova \
        "$tmpdir/$source"
    expect_error "describes 2 virtual machines, not one: 'the vm 1', 'the vm 2'"
    expect_hint "-io vm='the vm 1'"
    run_expecting 4:not-found:false v2v-nbdkit-launch -o null -i ova \
        "$tmpdir/$source" -io vm=all
    expect_error "no virtual machine 'all'; it has: 'the vm 1', "
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/$source" \
        -io 'vm=the vm 1' -o disk -os "$tmpdir/out" -on "$source-1"
    expect_same "$tmpdir/disk1" "$tmpdir/out/$source-1-sda"
    expect test ! -e "$tmpdir/out/$source-1-sdb"
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/$source" \
        -io vm=vm-2 -o disk -os "$tmpdir/out" -on "$source-2"
    expect_same "$tmpdir/disk2" "$tmpdir/out/$source-2-sda"
done
expect_nothing_left
