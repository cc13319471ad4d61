#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A display of any type is shown; one that is the source host's own becomes one
# for VNC in the copy, and that is said.
. ./functions.sh

requires_plugin file
requires_program jq
truncate -s 1M "$tmpdir/disk"
mkdir "$tmpdir/out"

# displays EXPECTED GRAPHICS...: of these it is EXPECTED; copy the guest.
displays ()
{
    local type

    {
        echo "<domain type='kvm'><name>g</name><memory>1048576</memory>
            <os><type arch='x86_64'>hvm</type></os><devices>
            <disk><driver type='raw'/><source file='$tmpdir/disk'/>
            <target dev='vda' bus='virtio'/></disk>"
        for type in "${@:2}"; do echo "<graphics type='$type'/>"; done
        echo '</devices></domain>'
    } >"$tmpdir/g.xml"
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/g.xml" \
        --print-source
    expect_stdout "^ *display: $1\$"
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/g.xml" \
        -o disk -os "$tmpdir/out"
    expect test "$(grep -c '<graphics ' "$tmpdir/out/g.xml")" = 1
}

for type in sdl dbus egl-headless desktop rdp; do
    displays $type $type
    expect grep -q '<graphics type="vnc"' "$tmpdir/out/g.xml"
    expect_stderr "display of the guest is '$type' .* for VNC"
done
displays vnc vnc
expect_no_stderr display
# One that can be had over the network goes first.
displays spice egl-headless spice
expect_no_stderr display
displays ''
expect grep -q '<graphics type="vnc"' "$tmpdir/out/g.xml"
expect_no_stderr display
expect_nothing_left
