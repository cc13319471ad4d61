#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o qemu: NAME.sh of a guest with UEFI finds a build of that, and keeps the
# guest's variables in a private file beside the disks; with all devices that
# the source has.
. ./functions.sh

requires_plugin file
requires_program qemu-system-x86_64
[ -e /usr/share/OVMF/OVMF_CODE_4M.ms.fd ] ||
    [ -e /usr/share/edk2/ovmf/OVMF_CODE.secboot.fd ] ||
    skip "no build of UEFI with secure boot is installed"
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"

# starts NAME OS: copy a guest, and start the copy, for a moment.
starts ()
{
    cat >"$tmpdir/$1.xml" <<END
<domain type='kvm'>
  <name>$1</name>
  <memory unit='KiB'>65538</memory>
  <vcpu>4</vcpu>
  <cpu><topology sockets='1' cores='2' threads='2'/></cpu>
  <genid>43dc0cf8-809b-4adb-9bea-a9abb5f3d90e</genid>
  $2
  <clock offset='localtime'/>
  <devices>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/disk'/>
      <target dev='sda' bus='sata'/>
    </disk>
    <disk type='file' device='cdrom'><target dev='sdb' bus='sata'/></disk>
    <disk type='file' device='cdrom'><target dev='sdc' bus='sata'/></disk>
    <interface type='network'>
      <mac address='52:54:00:12:34:56'/><source network='VM, Network'/>
    </interface>
    <interface type='bridge'><source bridge='br0'/></interface>
    <tpm><backend type='emulator' version='2.0'/></tpm>
  </devices>
</domain>
END
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/$1.xml" \
        -o qemu -os "$tmpdir/out"
    run_guest "$1"
}

run_guest ()
{
    printf 'info pci\ninfo block\nquit\n' |
        timeout 100 "$tmpdir/out/$1.sh" -machine accel=tcg -display none -S \
            -monitor stdio >"$tmpdir/$1.started" 2>"$tmpdir/logs/qemu" ||
        fail "the guest does not start"
    expect test "$(grep -c 'Ethernet controller' "$tmpdir/$1.started")" = 2
    expect grep -q "sda.*$tmpdir/out/$1-sda" "$tmpdir/$1.started"
}

type="<type arch='x86_64' machine='q35'>hvm</type>"
starts bios "<os>$type</os>"
expect test ! -e "$tmpdir/out/bios_VARS.fd"
starts pc "<os><type arch='x86_64' machine='pc'>hvm</type></os>"
starts uefi "<os firmware='efi'>$type</os>"
expect grep -q "pflash1.*$tmpdir/out/uefi_VARS.fd" "$tmpdir/uefi.started"
expect test "$(stat -c %a "$tmpdir/out/uefi_VARS.fd")" = 600
expect_not grep -q 'smm=on' "$tmpdir/out/uefi.sh"
starts secure "<os firmware='efi'>$type<loader secure='yes'/></os>"
expect grep -q 'smm=on' "$tmpdir/out/secure.sh"

# The variables are the guest's from now on.
remember "$tmpdir/out/uefi_VARS.fd" "$tmpdir/out/secure_VARS.fd"
run_guest uefi
expect_untouched

# The network is qemu's own, unless a bridge is chosen.
expect_not grep -q 'bridge,' "$tmpdir/out/uefi.sh"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/pc.xml" \
    -o qemu -os "$tmpdir/out" -on bridged --bridge br7
expect grep -q 'netdev bridge,id=net1,br=br7 ' "$tmpdir/out/bridged.sh"
expect_no_stderr 'old host'
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/uefi.xml" \
    -o qemu -os "$tmpdir/out" -on bridged --network lan
expect_stderr "warning: --network and .* no effect here: .*network 'lan'"
expect_no_stderr 'old host'

# VNC only where the user wants nothing else, wherever that is said.
cat >"$tmpdir/qemu-system-x86_64" <<'END'
#!/bin/sh
echo " $* "
END
chmod +x "$tmpdir/qemu-system-x86_64"
# shows_vnc ARG...: how many displays on VNC there are.
shows_vnc ()
{
    env -u DISPLAY -u WAYLAND_DISPLAY PATH="$tmpdir:$PATH" \
        "$tmpdir/out/bridged.sh" "$@" >"$tmpdir/started"
    grep -o ' -display vnc=' "$tmpdir/started" | wc -l
}
expect test "$(shows_vnc)" = 1
expect test "$(shows_vnc -snapshot)" = 1
for words in -nographic '-display none' '-vnc :7' '-snapshot -nographic'; do
    # shellcheck disable=SC2086
    expect test "$(shows_vnc $words)" = 0
done

# Where there is no UEFI, the script says so.
sed 's,/usr/share,/nowhere,g' "$tmpdir/out/uefi.sh" >"$tmpdir/script"
if sh "$tmpdir/script" >"$tmpdir/logs/script" 2>&1; then
    fail "it has started without UEFI"
fi
expect grep -q 'is not installed' "$tmpdir/logs/script"
expect_nothing_left
