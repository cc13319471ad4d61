#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The copy of disks without a description has what virt-v2v gives it: a network
# card on the network "default", which --network and --bridge connect to
# another; and a line says what is assumed.  Nobody takes it for the source's.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
assumed="only the guest's disks are known: the copy has 1024 MiB of memory, 1 \
CPU, a network card, and BIOS"

# copy CARD OPTION...: CARD is what NAME.xml connects a network card to.
copy ()
{
    local card=$1

    shift
    run_expecting 0 v2v-nbdkit-launch -o local -os "$tmpdir/out" -on g "$@"
    sed -nE 's/.*<source (network|bridge)="(.*)"\/>/\1 \2/p' \
        "$tmpdir/out/g.xml" >"$tmpdir/cards"
    expect test "$(cat "$tmpdir/cards")" = "$card"
}

copy 'network default' "$tmpdir/disk"
expect_stderr "$assumed"
expect_no_stderr warning
expect grep -q '<model type="e1000"/>' "$tmpdir/out/g.xml"
copy 'network lan' "$tmpdir/disk" --network lan
copy 'network lan' "$tmpdir/disk" --network default:lan -oo bus=virtio
expect_stderr "$assumed"
copy 'bridge br0' "$tmpdir/disk" --bridge br0
expect_no_stderr warning
copy 'network default' -i nbdkit file "file=$tmpdir/disk"
expect_stderr "$assumed"

# After a conversion the card is virtio's, and what the command is told of the
# source has none.
copy 'network default' "$tmpdir/disk" --convert "
    ! grep '<interface' \"\$V2V_XML\" && jq -e '.nics == []' \"\$V2V_JSON\""
expect grep -q '<model type="virtio"/>' "$tmpdir/out/g.xml"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" --print-source
expect_no_stdout default

run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o kubevirt \
    -os "$tmpdir/out" -on k
expect_stderr "$assumed"
expect grep -qx '        pod: {}' "$tmpdir/out/k.yaml"
expect_not grep -q 'In the source' "$tmpdir/out/k.yaml"
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o qemu \
    -os "$tmpdir/out" -on q
expect grep -q "e1000,netdev=net0" "$tmpdir/out/q.sh"

# Nothing is told where nothing is made of it, nor of a guest that is described.
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o null
expect_no_stderr 'known'
cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'><name>g</name><memory>1048576</memory>
<os><type>hvm</type></os><devices>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='vda' bus='virtio'/></disk></devices></domain>
END
copy '' -i libvirtxml "$tmpdir/guest.xml"
expect_no_stderr 'known'
expect_nothing_left
