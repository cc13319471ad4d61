#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --network, --bridge and --mac say which networks of the new host stand for
# the guest's, as virt-v2v's do; without them the names stay, and that is
# said.  What is for no network card, or for no document, is said, too.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
cat >"$tmpdir/source.xml" <<END
<domain type='xen'><name>g</name><memory>1048576</memory>
<os><type arch='x86_64'>hvm</type></os><devices>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='sda' bus='sata'/></disk>
<interface type='bridge'><mac address='52:54:00:aa:bb:01'/>
<source bridge='xenbr0'/></interface>
<interface type='bridge'><mac address='52:54:00:aa:bb:02'/>
<source bridge='xenbr0'/></interface>
<interface type='network'><mac address='52:54:00:aa:bb:03'/>
<source network='VM Network'/></interface>
<interface type='network'><source network='default'/></interface>
</devices></domain>
END
source=(-i libvirtxml "$tmpdir/source.xml")
copy=(v2v-nbdkit-launch "${source[@]}" -o disk -os "$tmpdir/out" -on guest)

# connects NETWORK...: what the cards are on, in order.
connects ()
{
    local xml=$tmpdir/out/guest.xml

    sed -nE 's/.*<source (network|bridge)="(.*)"\/>/\1 \2/p' "$xml" \
        >"$tmpdir/connected"
    printf '%s\n' "$@" | expect diff - "$tmpdir/connected"
}

run_expecting 0 "${copy[@]}"
connects 'bridge xenbr0' 'bridge xenbr0' 'network VM Network' \
    'network default'
expect test "$(grep -c "warning: .*bridge 'xenbr0'" "$err")" = 1
expect_stderr '--mac 52:54:00:aa:bb:01:network:default'
expect_stderr "warning: .*'VM Network'.* --network 'VM Network:default'"
expect_no_stderr "'default'"

run_expecting 0 "${copy[@]}" --network 'VM Network:lan' --bridge xenbr0:br0
connects 'bridge br0' 'bridge br0' 'network lan' 'network default'
expect_no_stderr warning
run_expecting 0 "${copy[@]}" -n 'VM Network:lan' -n rest -b br1
connects 'bridge br1' 'bridge br1' 'network lan' 'network rest'
expect_no_stderr warning
run_expecting 0 "${copy[@]}" --mac 52:54:00:AA:BB:01:network:a:b \
    --mac 52:54:00:aa:bb:03:bridge:br3 -b br1
connects 'network a:b' 'bridge br1' 'bridge br3' 'network default'
expect_no_stderr warning
# Whoever says that a name stays has been told.
run_expecting 0 "${copy[@]}" -n 'VM Network:VM Network' -b xenbr0:xenbr0
connects 'bridge xenbr0' 'bridge xenbr0' 'network VM Network' \
    'network default'
expect_no_stderr warning
# Another network is another guest.
run_expecting 0 "${copy[@]}" --resume -n 'VM Network:VM Network' \
    -b xenbr0:xenbr0
expect grep -q '"changed":false' "$tmpdir/logs/result"
run_expecting 4:source-changed:false "${copy[@]}" --resume -b xenbr0:br7
expect_error "what --network, --bridge and --mac say changed .*bridge br7"
run_expecting 4:source-changed:false "${copy[@]}" --resume \
    -n 'VM Network:VM Network' -b xenbr0:xenbr0 -oo bus=virtio
expect_error "format of the output changed .*-oo bus=virtio"

# For no card of the guest.
run_expecting 0 "${copy[@]}" --network xenbr0:a --bridge 'VM Network:b' \
    --network none:c --mac 52:54:00:00:00:00:network:d
connects 'bridge xenbr0' 'bridge xenbr0' 'network VM Network' \
    'network default'
expect_stderr 'warning: --network xenbr0:a has no effect: .*use --bridge'
expect_stderr 'warning: --bridge VM Network:b has no effect: .*use --network'
expect_stderr 'warning: --network none:c has no effect: .* no such'
expect_stderr 'warning: --mac 52:.*:d has no effect: .* no such'
# For cards of which --mac speaks.
run_expecting 0 "${copy[@]}" --bridge bar --network foo \
    --mac 52:54:00:aa:bb:01:network:a --mac 52:54:00:aa:bb:02:network:b
connects 'network a' 'network b' 'network foo' 'network foo'
expect_stderr 'warning: --bridge bar has no effect: other options say more'
# Nobody is told of the networks.
run_expecting 0 v2v-nbdkit-launch "${source[@]}" -o null --network a
expect_stderr 'warning: --network a has no effect: this run'
expect_no_stderr 'xenbr0'

# A conversion is told where the copy is going to be, --print-source is not.
run_expecting 0 "${copy[@]}" --network lan -b br0 --convert "
    cp \"\$V2V_XML\" '$tmpdir/xml'; cp \"\$V2V_JSON\" '$tmpdir/json'"
expect grep -q 'network="lan"' "$tmpdir/xml"
expect grep -q '"br0"' "$tmpdir/json"
run_expecting 0 v2v-nbdkit-launch "${source[@]}" --network lan --print-source
expect_stdout 'Network "VM Network"'

# refused MESSAGE OPTION...
refused ()
{
    run_expecting 2:usage:false "${copy[@]}" "${@:2}"
    expect_error "$1"
}

refused "--network: ':a' names no network" --network :a
refused "--network: 'a:' names no network" -n a:
refused "--bridge: '' names no network" --bridge ''
refused 'say different things' --network a --network b
refused 'say different things' -n x:a --network x:b
refused 'say different things' --mac 52:54:00:aa:bb:01:network:a \
    --mac 52:54:00:AA:BB:01:bridge:b
refused '--mac: cannot read' --mac 52:54:00:aa:bb:01
refused '--mac: cannot read' --mac 52:54:00:aa:bb:01:network:
refused '--mac: cannot read' --mac 52:54:00:aa:bb:01:vlan:a
refused '--mac: cannot read' --mac 52-54-00-aa-bb-01:network:a
refused 'files inside the guest' --mac 52:54:00:aa:bb:01:ip:10.0.0.1
expect_stderr 'hint: .*virt-v2v-in-place'

# Names that no bridge can have, and those with a colon, of which IN ends
# there.
for bridge in 'VM Network' 0123456789abcdef ..; do
    refused "'$bridge' is no name that a bridge can have" \
        --mac 52:54:00:aa:bb:01:bridge:"$bridge"
    expect_hint '--mac MAC:network:OUT'
done
sed 's/VM Network/DMZ: a,b/; s/xenbr0/x:y/' "$tmpdir/source.xml" \
    >"$tmpdir/colon.xml"
run_expecting 0 "${copy[@]/source.xml/colon.xml}"
expect_stderr "'DMZ: a,b'.* --mac 52:54:00:aa:bb:03:network:default"
expect_stderr "'x:y'.* --mac 52:54:00:aa:bb:01:bridge:br0"

# A card that is tied to the source's host is no card on "default"; and what
# is more than the name of a network is named.
cat >"$tmpdir/tied.xml" <<END
<domain type='kvm'><name>g</name><memory>1048576</memory>
<os><type arch='x86_64'>hvm</type></os><devices>
<disk type='file'><driver type='raw'/><source file='$tmpdir/disk'/>
<target dev='sda' bus='sata'/></disk>
<interface type='direct'><mac address='52:54:00:aa:bb:01'/>
<source dev='eth0' mode='bridge'/></interface>
<interface type='direct'><mac address='52:54:00:aa:bb:02'/>
<source dev='eth1' mode='bridge'/></interface>
<interface type='user'/>
<interface type='network'><source network='default' portgroup='p'/>
<vlan><tag id='42'/></vlan><virtualport type='openvswitch'/>
<link state='down'/></interface>
<interface type='network'><mac address='01:00:5e:00:00:01'/>
<source network='default'/></interface>
</devices></domain>
END
source=(-i libvirtxml "$tmpdir/tied.xml")
copy=(v2v-nbdkit-launch "${source[@]}" -o disk -os "$tmpdir/out" -on guest)
run_expecting 0 "${copy[@]}"
connects 'network default' 'network default' 'network default' \
    'network default' 'network default'
expect_stderr "warning: .*\('direct'\).* --mac 52:54:00:aa:bb:01:network:def"
expect_stderr "warning: .*\('user'\).* --network default"
for part in portgroup '<vlan>' '<virtualport>' "<link state='down'>"; do
    expect_stderr "warning: g: $part of a network card is left out"
done
expect_stderr 'warning: the MAC address 01:00:5e:00:00:01 .* another one'
expect test "$(grep -c warning: "$err")" = 7
run_expecting 0 "${copy[@]}" --network default:net1
connects 'network default' 'network default' 'network default' \
    'network net1' 'network net1'
run_expecting 0 "${copy[@]}" --network net2 \
    --mac 52:54:00:aa:bb:01:bridge:br0
connects 'bridge br0' 'network net2' 'network net2' 'network net2' \
    'network net2'
expect_no_stderr "'direct'|'user'"
run_expecting 0 v2v-nbdkit-launch "${source[@]}" --print-source
expect_stdout 'Network \(direct\) mac: 52:54:00:aa:bb:01'
expect_stdout 'Network "default" mac: 01'

# Of a .vmx file and an OVF, which does not say what is a bridge.
make_vmx "$tmpdir/vm"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest)
run_expecting 0 "${copy[@]}" -i vmx "$tmpdir/vm/vm.vmx"
expect_stderr "warning: .*network 'VM Network'"
run_expecting 0 "${copy[@]}" -i vmx "$tmpdir/vm/vm.vmx" \
    --network 'VM Network:default'
connects 'network default'
make_ovf "$tmpdir/ovf"
run_expecting 0 "${copy[@]}" -i ova "$ovf_dir" -b 'VM Network:br0'
connects 'bridge br0'
expect_no_stderr 'old host'
run_expecting 0 "${copy[@]}" -i ova "$ovf_dir"
connects 'network VM Network'
expect_stderr "warning: .*network 'VM Network'.* --network 'VM Network:defaul"
run_expecting 0 "${copy[@]}" -i ova "$ovf_dir" --network default
connects 'network default'
expect_no_stderr 'old host|no effect'
run_expecting 0 "${copy[@]}" -i ova "$ovf_dir" -b br0 -n 'VM Network:lan'
connects 'network lan'
expect_stderr 'warning: --bridge br0 has no effect: .*use --network'
run_expecting 2:usage:false "${copy[@]}" -i ova "$ovf_dir" \
    -b 'VM Network:VM Network'

# What libvirt calls a bridge of ESXi's is a network.
sed "s/type='xen'/type='vmware'/; s/xenbr0/VM Net/" "$tmpdir/source.xml" \
    >"$tmpdir/esx.xml"
run_expecting 0 "${copy[@]}" -i libvirtxml "$tmpdir/esx.xml" \
    --network 'VM Net:lan' --bridge br0
connects 'network lan' 'network lan' 'network VM Network' 'network default'
expect_nothing_left
