#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# virt-v2v takes the disks of V2V_XML, all of them, with their buses: this
# host's, and other versions that V2V_TEST_VIRT_V2V names.
. ./functions.sh

requires_program virt-v2v-in-place
requires_plugin file
make_disk "$tmpdir/one" 1M
make_disk "$tmpdir/two" 2M
mkdir "$tmpdir/a dir,x"
cat >"$tmpdir/guest.xml" <<EOF
<domain type='kvm'><name>a guest</name><memory>1048576</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os><devices>
<disk type='file' device='disk'><source file='$tmpdir/one'/>
<target dev='sdb' bus='scsi'/></disk>
<disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>
<disk type='file' device='disk'><source file='$tmpdir/two'/>
<target dev='hda' bus='ide'/></disk>
</devices></domain>
EOF
# It opens the disks before it prints what it has found.
for virt_v2v in virt-v2v-in-place ${V2V_TEST_VIRT_V2V-}; do
    print_source="$virt_v2v -i libvirtxml \"\$V2V_XML\" --print-source \
        >'$tmpdir/source' 2>'$tmpdir/warnings'"
    run_expecting 0 v2v-nbdkit-launch -q -o null -i libvirtxml \
        --overlay-dir "$tmpdir/a dir,x" --convert "
            cp \"\$V2V_XML\" '$tmpdir/xml'; $print_source" "$tmpdir/guest.xml"
    cat "$tmpdir/source" "$tmpdir/warnings" "$tmpdir/xml"
    expect_not grep -q 'warning' "$tmpdir/warnings"
    expect test "$(sed -n '/^disks:/,/^removable/p' "$tmpdir/source" |
        tr -d '\t')" = 'disks:
0 [scsi]
1 [ide]
removable media:'
    expect grep -q 'CD-ROM \[ide\] in slot 2' "$tmpdir/source"
    for target in 'dev="sdb" bus="scsi"' 'dev="hda" bus="ide"'; do
        expect grep -qF "<target $target/>" "$tmpdir/xml"
    done
    expect_nothing_left

    # The one disk has no bus: a guess of ours would be taken for a fact.
    run_expecting 0 v2v-nbdkit-launch -q -o null --convert "$print_source" \
        "$tmpdir/one"
    expect_not grep -q 'warning' "$tmpdir/warnings"
    expect test "$(grep -A1 '^disks:' "$tmpdir/source" | tr -d '\t')" = 'disks:
0'
    expect_nothing_left
done
