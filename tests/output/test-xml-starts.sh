#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt starts the guest from NAME.xml: one with UEFI gets flash and
# variables of its own, with secure boot only where the source had it, and
# graphics that this host's qemu has.
. ./functions.sh

requires_root
requires_plugin file
requires_program virsh unshare qemu-system-x86_64
requires test -e /usr/share/qemu/firmware
requires unshare -m -p -f --mount-proc true
make_disk "$tmpdir/disk" 1M
mkdir -p "$tmpdir/out" "$tmpdir/libvirt/etc"

# A qemu driver of our own.  libvirt 9 wants the user to exist even if another
# one is configured, and waits for ever where process 1 does not reap.
cat >"$tmpdir/libvirt/etc/qemu.conf" <<'END'
user = "+0"
group = "+0"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
END
cp /etc/passwd "$tmpdir/passwd"
cp /etc/group "$tmpdir/group"
echo 'libvirt-qemu:x:0:0:::/bin/sh' >>"$tmpdir/passwd"
echo 'libvirt-qemu:x:0:' >>"$tmpdir/group"

# libvirt COMMANDS: run commands of virsh.
libvirt ()
{
    # shellcheck disable=SC2016
    timeout 100 unshare -m -p -f --mount-proc --kill-child bash -c '
        grep -q ^libvirt-qemu: /etc/passwd ||
            mount --bind "$1"/passwd /etc/passwd
        grep -q ^libvirt-qemu: /etc/group ||
            mount --bind "$1"/group /etc/group
        virsh -q -c "qemu:///embed?root=$1/libvirt" "$2"
        exit $?' bash "$tmpdir" "$1" </dev/null
}

libvirt 'nodeinfo' >/dev/null 2>"$tmpdir/logs/libvirt" ||
    skip "libvirt's qemu driver does not start here"

# starts NAME OS: copy a guest, and start the copy.  $tmpdir/NAME.started is
# its XML then.
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
    sed 's/type="kvm"/type="qemu"/' "$tmpdir/out/$1.xml" \
        >"$tmpdir/define.xml"
    expect libvirt "define $tmpdir/define.xml; start $1 --paused; dumpxml $1;
        destroy $1; undefine $1 --nvram" >"$tmpdir/$1.started"
}

type="<type arch='x86_64' machine='q35'>hvm</type>"
starts bios "<os>$type</os>"
expect_not grep -q '<loader' "$tmpdir/bios.started"

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
