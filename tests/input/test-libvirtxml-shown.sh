#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --print-source shows a guest with disks that cannot be copied and marks these;
# a copy refuses the guest.
. ./functions.sh

requires_program jq
truncate -s 1M "$tmpdir/disk"
xml=$tmpdir/guest.xml

# guest DISK...: a disk that can be copied, and DISK on sdb, sdc...
guest ()
{
    local letters=bcdefghijklmnop disk

    {
        echo "<domain type='kvm'><name>g</name><memory>1024</memory><devices>
            <disk><driver type='raw'/><source file='$tmpdir/disk'/>
            <target dev='sda' bus='sata'/></disk>"
        for disk; do
            sed "s|</disk>|<target dev='sd${letters::1}' bus='sata'/>&|" \
                <<<"$disk"
            letters=${letters:1}
        done
        echo '</devices></domain>'
    } >"$xml"
}

disks=(
    "<disk type='nvme'><source type='pci' managed='yes' namespace='1'><address
        domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source></disk>"
    "<disk type='vhostuser'><source type='unix' path='/a.sock'/></disk>"
    "<disk type='vhostvdpa'><source dev='/dev/vhost-vdpa-0'/></disk>"
    "<disk type='network'><source protocol='rbd' name='pool/image'><host
        name='mon' port='6321'/></source></disk>"
    "<disk type='network'><source protocol='iscsi' name='iqn.2013-07:t/1'><host
        name='h'/></source></disk>"
    "<disk type='volume'><source pool='p' volume='v.img'/></disk>"
    "<disk type='dir'><source dir='/floppy'/></disk>"
    "<disk type='file'><source file='/l'><encryption format='luks'/></source></disk>"
    "<disk type='network'><source protocol='nbd' name='x'><host
        transport='rdma' name='h'/></source></disk>"
    "<disk type='file'></disk>"
)
shown=(
    nvme 'vhostuser /a.sock' 'vhostvdpa /dev/vhost-vdpa-0' 'rbd pool/image'
    'iscsi iqn.2013-07:t/1' 'volume v.img' 'dir /floppy' 'file /l' 'nbd x' file
)
reasons=(
    "type 'nvme'" "type 'vhostuser'" "type 'vhostvdpa'" "protocol 'rbd'"
    "protocol 'iscsi'" "type 'volume'" "type 'dir'" 'host encrypts'
    "transport 'rdma'" 'the disk has no source'
)

guest "${disks[@]}"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$xml" --print-source
cp "$out" "$tmpdir/text"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$xml" --print-source \
    --machine-readable
# It can be one of several objects.
expect jq -c 'select (.type == "source") | .disks[]' "$out" >"$tmpdir/disks"
expect test "$(wc -l <"$tmpdir/disks")" = $((${#disks[@]} + 1))
expect test "$(jq -r '.kind + " " + (.unsupported | tostring)' \
    <"$tmpdir/disks" | head -n 1)" = 'file null'
for i in "${!disks[@]}"; do
    grep -A1 "sd[b-z] ${shown[i]} \[sata\]" "$tmpdir/text" >"$tmpdir/found" ||
        fail "not shown: ${shown[i]}"
    expect grep -q "cannot be copied: .*${reasons[i]}" "$tmpdir/found"
    jq -r 'select (.location == $l) | .kind + ": " + .unsupported' \
        --arg l "${shown[i]}" "$tmpdir/disks" >"$tmpdir/found"
    expect grep -q "^unsupported: .*${reasons[i]}" "$tmpdir/found"

    guest "${disks[i]}"
    for what in '-o null' '--dry-run' '--run true'; do
        # shellcheck disable=SC2086
        run_expecting 4:unsupported:false v2v-nbdkit-launch -i libvirtxml \
            "$xml" $what
        expect_error "${reasons[i]}"
    done
    guest "${disks[@]}"
done

# Options may be for the others.
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$xml" --print-source \
    -io ssh-compression=true

# What is no guest is no guest.
sed -i 's/<name>g//; s/<.name>//' "$xml"
run_expecting 4:unsupported:false v2v-nbdkit-launch -i libvirtxml "$xml" \
    --print-source
expect_error 'no name'
expect_nothing_left
