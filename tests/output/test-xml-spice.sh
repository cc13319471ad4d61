#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest with SPICE keeps it in NAME.xml where this host's qemu has it; else,
# and where there is no qemu that could run the guest, it has VNC.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out" "$tmpdir/bin"
# libvirt's qemu driver asks the real qemu.
answer=$(qemu-system-x86_64 -spice help 2>&1 || :)
defines_spice=$virsh
[[ $answer == *tls-port* ]] || defines_spice=''
PATH=$tmpdir/bin:$PATH

# has ARCH GRAPHICS: what NAME.xml of a guest of ARCH has.
has ()
{
    cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'>
  <name>guest</name>
  <os><type arch='$1'>hvm</type></os>
  <devices>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/disk'/><target dev='vda'/>
    </disk>
    <graphics type='spice'/>
  </devices>
</domain>
END
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
        -o disk -os "$tmpdir/out"
    expect grep -q "<graphics type=\"$2\"" "$tmpdir/out/guest.xml"
}

# qemu SCRIPT: let that be the qemu of all guests here.
qemu ()
{
    printf '#!/bin/sh\n%s\n' "$1" >"$tmpdir/bin/qemu-system-x86_64"
    chmod +x "$tmpdir/bin/qemu-system-x86_64"
    cp "$tmpdir/bin/qemu-system-x86_64" "$tmpdir/bin/qemu-system-aarch64"
}

# As QEMU 4 to 11 answer, with and without SPICE.
qemu '[ "$*" = "-spice help" ] || exit 2
echo "spice options:"; echo "  port=<num>"; echo "  tls-port=<num>"; exit 1'
virsh=$defines_spice has x86_64 spice
virsh=$defines_spice has i686 spice
virsh=$defines_spice has aarch64 spice
# libvirt knows neither of these machines.
virsh='' has vax vnc
qemu 'echo "$0: -spice help: There is no option group '"'spice'"'" >&2; exit 1'
has x86_64 vnc
has aarch64 vnc
qemu 'kill -KILL $$'
has x86_64 vnc
# A name that leads elsewhere is not followed.
mkdir "$tmpdir/qemu-system-x"
qemu '>"$(dirname "$0")/../started"; echo tls-port'
cp "$tmpdir/bin/qemu-system-x86_64" "$tmpdir/evil"
cd "$tmpdir"
virsh='' has x/../evil vnc
expect_not test -e "$tmpdir/started"
expect_nothing_left
