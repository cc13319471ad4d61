#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt starts the guest from NAME.xml: with its disks on what they are on in
# the source; one with UEFI gets flash and variables of its own, with secure
# boot only where the source had it, and graphics that this host's qemu has.
. ./functions.sh

requires_root
requires_plugin file
requires_program virsh unshare qemu-system-x86_64
requires test -e /usr/share/qemu/firmware
requires unshare -m -p -f --mount-proc true
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
start_qemu_driver || skip "libvirt's qemu driver does not start here"

# start_copy NAME: $tmpdir/NAME.started is the XML of the guest then.
start_copy ()
{
    # There is no network here.
    sed 's/type="kvm"/type="qemu"/; /<interface/,/<.interface>/d' \
        "$tmpdir/out/$1.xml" \
        >"$tmpdir/define.xml"
    expect embedded_virsh "define $tmpdir/define.xml; start $1 --paused;
        dumpxml $1; destroy $1; undefine $1 --nvram" >"$tmpdir/$1.started"
    expect grep -q "<domain .* id=" "$tmpdir/$1.started"
}

# starts NAME OS: copy a guest, and start the copy.
starts ()
{
    cat >"$tmpdir/$1.xml" <<END
<domain type='kvm'>
  <name>$1</name>
  <memory unit='MiB'>64</memory>
  $2
  <features><acpi/></features>
  <devices>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/disk'/>
      <target dev='sda' bus='sata'/>
    </disk>
    <disk type='file' device='cdrom'>
      <target dev='sdb' bus='sata'/><boot order='1'/>
    </disk>
    <graphics type='spice'/>
  </devices>
</domain>
END
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/$1.xml" \
        -o disk -os "$tmpdir/out"
    start_copy "$1"
}

# starts_vmx NAME MODEL UNIT: the same with two disks of VMware's.
starts_vmx ()
{
    make_vmx "$tmpdir/$1"
    add_vmx_disk "$tmpdir/$1" "$3" 'disk 2.vmdk'
    sed -i -e "/^ethernet/d; s/\"pvscsi\"/\"$2\"/" "$tmpdir/$1/vm.vmx"
    run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/$1/vm.vmx" -on "$1" \
        -o disk -os "$tmpdir/out" "${@:4}"
    start_copy "$1"
}

type="<type arch='x86_64' machine='q35'>hvm</type>"
starts bios "<os>$type</os>"
expect_not grep -q '<loader' "$tmpdir/bios.started"

for model in pvscsi lsisas1068 lsilogic; do
    starts_vmx $model $model scsi0:1
done
starts_vmx ide pvscsi ide0:0
starts_vmx sata pvscsi sata0:0
for bus in ide usb virtio virtio-scsi; do
    starts_vmx to-$bus pvscsi scsi0:1 -oo bus=$bus
done
# More of them than a controller has room for.
mapfile -t disks < <(yes "$tmpdir/disk" | head -n 9)
run_expecting 0 v2v-nbdkit-launch -if raw -on many -o disk \
    -os "$tmpdir/out" -oo bus=scsi "${disks[@]}"
start_copy many

grep -l '"uefi"' /usr/share/qemu/firmware/*x86_64*.json >/dev/null ||
    skip "no build of UEFI is installed"
starts uefi "<os firmware='efi'>$type</os>"
expect grep -q "<loader.*type='pflash'" "$tmpdir/uefi.started"
expect grep -q '<nvram.*template=' "$tmpdir/uefi.started"
expect_not grep -q "secure='yes'" "$tmpdir/uefi.started"
starts secure "<os firmware='efi'>$type<loader secure='yes'/></os>"
expect grep -q "<loader.*secure='yes'.*type='pflash'" "$tmpdir/secure.started"
expect grep -q '<nvram.*template=' "$tmpdir/secure.started"
expect_nothing_left
