#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What disks and network cards of a guest that is not converted are attached to
# is what the source has, and where KVM has not the like, that is said; after a
# conversion it is virtio.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest)
xml=$tmpdir/out/guest.xml

# has TEXT...: each is in NAME.xml.
has ()
{
    local text

    for text; do
        expect grep -qF -- "$text" "$xml"
    done
}

# A .vmx file.
vm=$tmpdir/vm
make_vmx "$vm"
add_vmx_disk "$vm" sata0:0 'disk 2.vmdk'
run_expecting 0 "${copy[@]}" -i vmx "$vm/vm.vmx"
has '<target dev="sda" bus="scsi"/>' '<target dev="sdb" bus="sata"/>' \
    '<controller type="scsi" index="0" model="vmpvscsi"/>' \
    '<model type="vmxnet3"/>' 'machine="q35"'
expect_no_stderr 'cannot have them|has no network card'
run_expecting 0 "${copy[@]}" -i vmx "$vm/vm.vmx" --convert true
has '<target dev="vda" bus="virtio"/>' '<target dev="vdb" bus="virtio"/>' \
    '<model type="virtio"/>'
expect_not grep -q '<controller' "$xml"
expect_no_stderr 'cannot have them|has no network card'

# What KVM has not.
sed -i -e 's/"pvscsi"/"busLogic"/; s/"vmxnet3"/"vmxnet"/; s/sata0/nvme0/' \
    "$vm/vm.vmx"
run_expecting 0 "${copy[@]}" -i vmx "$vm/vm.vmx"
has '<controller type="scsi" index="0" model="lsisas1068"/>' \
    '<target dev="sdb" bus="sata"/>' '<model type="e1000"/>'
expect_stderr 'warning: .*on scsi buslogic, where .*on scsi lsisas1068,'
expect_stderr 'warning: .*on nvme, where .*on sata,'
expect_stderr "warning: KVM has no network card 'vmxnet'"

# IDE needs the old machine, which has no UEFI here.
sed -i -e 's/nvme0:0/ide1:0/' "$vm/vm.vmx"
run_expecting 0 "${copy[@]}" -i vmx "$vm/vm.vmx"
has '<target dev="hda" bus="ide"/>' 'machine="pc"'
echo 'firmware = "efi"' >>"$vm/vm.vmx"
run_expecting 0 "${copy[@]}" -i vmx "$vm/vm.vmx"
has '<target dev="sdb" bus="sata"/>' 'machine="q35"'
expect_stderr 'warning: .*on ide, where .*on sata,'

# Domain XML.
cat >"$tmpdir/source.xml" <<END
<domain type='kvm'><name>g</name><memory>1048576</memory>
<os><type arch='x86_64' machine='pc-i440fx-7.2'>hvm</type></os><devices>
<controller type='scsi' index='0' model='lsilogic'/>
<controller type='scsi' index='1' model='virtio-scsi'/>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='sda' bus='scsi'/>
<address type='drive' controller='1' bus='0' target='0' unit='0'/></disk>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='sdb' bus='scsi'/></disk>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='sdc' bus='usb'/></disk>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='hdc' bus='ide'/></disk>
<disk type='file' device='cdrom'><target dev='hda' bus='ide'/></disk>
<interface type='network'><source network='default'/>
<model type='rtl8139'/></interface>
</devices></domain>
END
run_expecting 0 "${copy[@]}" -i libvirtxml "$tmpdir/source.xml"
has '<controller type="scsi" index="0" model="virtio-scsi"/>' \
    '<controller type="scsi" index="1" model="lsilogic"/>' \
    '<target dev="sdc" bus="usb"/>' '<target dev="hdc" bus="ide"/>' \
    '<target dev="hda" bus="ide"/>' '<model type="rtl8139"/>' 'machine="pc"'
expect_no_stderr warning

# Xen shows disks as IDE before the guest's own driver takes them.
sed -i "s/type='kvm'/type='xen'/; s/dev='hdc' bus='ide'/dev='xvdb' bus='xen'/
    s/rtl8139/netfront/" "$tmpdir/source.xml"
run_expecting 0 "${copy[@]}" -i libvirtxml "$tmpdir/source.xml"
has '<target dev="hda" bus="ide"/>' '<target dev="hdb" bus="ide"/>' \
    '<model type="e1000"/>'
expect_stderr 'warning: .*on xen, where .*on ide,'
expect_stderr "warning: KVM has no network card 'netfront'"

# An OVA.
make_ovf "$tmpdir/ovf"
run_expecting 0 "${copy[@]}" -i ova "$ovf_dir"
has '<target dev="sdb" bus="scsi"/>' 'model="lsisas1068"' \
    '<model type="e1000"/>'
expect_stderr 'warning: .*on scsi lsilogic, where .*on scsi lsisas1068,'
sed -i 's/>lsilogic</>VirtualSCSI</' "$ovf_dir/vm.ovf"
rm "$ovf_dir/vm.mf"
run_expecting 0 "${copy[@]}" -i ova "$ovf_dir"
has '<target dev="sdb" bus="scsi"/>' 'model="vmpvscsi"'
expect_no_stderr 'cannot have them'

# Nothing is known of a disk alone.
run_expecting 0 "${copy[@]}" -if raw "$tmpdir/disk"
has '<target dev="sda" bus="sata"/>'
expect_stderr 'not known.* on sata; give -oo bus=virtio'
expect_nothing_left
