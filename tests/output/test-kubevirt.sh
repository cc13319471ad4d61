#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o kubevirt: NAME.yaml is a virtual machine as KubeVirt's API has it, with
# names that Kubernetes takes, whatever the source calls things.
. ./functions.sh

requires_plugin file
requires_program python3 jq
requires python3 -c 'import yaml'
make_disk "$tmpdir/disk" 1M
make_disk "$tmpdir/disk2" 2M
mkdir "$tmpdir/out" "$tmpdir/a \"b' ä: #c"

# has NAME FILTER...: NAME.yaml is valid, and the jq filters are true of it.
has ()
{
    local file=$1 filter

    shift
    "$abs_srcdir/check-kubevirt" "$file" >"$tmpdir/machine" ||
        fail "$file is not KubeVirt's"
    for filter; do
        expect jq -e "$filter" "$tmpdir/machine"
    done
}

# A guest of which nothing is known.
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o kubevirt \
    -os "$tmpdir/out"
expect_same "$tmpdir/disk" "$tmpdir/out/disk-sda"
spec=.spec.template.spec
has "$tmpdir/out/disk.yaml" '.metadata == {name: "disk"}' \
    "$spec.volumes[0].hostDisk.path == \"$tmpdir/out/disk-sda\"" \
    "$spec.domain.memory.guest == \"1024Mi\"" \
    "$spec.networks == [{name: \"net0\", pod: {}}]" \
    "$spec.domain.firmware.bootloader == {bios: {}}"

guest ()
{
    cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'>
  <name>$1</name>
  <memory unit='KiB'>1000000</memory>
  <vcpu>4</vcpu>
  <cpu><topology sockets='1' cores='2' threads='2'/></cpu>
  <os firmware='efi'>
    <type arch='x86_64' machine='q35'>hvm</type><loader secure='yes'/>
  </os>
  <clock offset='$2'/>
  <devices>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/disk'/>
      <target dev='sda' bus='sata'/>
    </disk>
    <disk type='file'>
      <driver type='raw'/><source file='$tmpdir/disk2'/>
      <target dev='sdb' bus='sata'/><boot order='1'/>
    </disk>
    <interface type='network'>
      <mac address='52:54:00:12:34:56'/>
      <source network='VM "Net": # &#x2028;&#10;kind: Pod'/><boot order='2'/>
    </interface>
    <interface type='bridge'><source bridge='Br_0'/></interface>
    <interface type='network'><source network='日本'/></interface>
    <sound model='ich9'/>
    <tpm><backend type='emulator' version='2.0'/></tpm>
  </devices>
</domain>
END
}

guest 'My Guest: "x" (1)' localtime
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
    -o kubevirt -os "$tmpdir/a \"b' ä: #c"
expect_same "$tmpdir/disk2" \
    "$tmpdir/a \"b' ä: #c/My Guest: \"x\" (1)-sdb"
has "$tmpdir/a \"b' ä: #c/My Guest: \"x\" (1).yaml" \
    '.metadata.name == "my-guest-x-1"' \
    '.metadata.annotations["v2v-nbdkit-launch/guest"] ==
         "My Guest: \"x\" (1)"' \
    "$spec.volumes[1].hostDisk.path | endswith(\"ä: #c/My Guest: \\\"x\\\" (1)-sdb\"
         )" \
    "$spec.domain.cpu == {sockets: 1, cores: 2, threads: 2}" \
    "$spec.domain.memory.guest == \"1000000Ki\"" \
    "$spec.domain.firmware.bootloader == {efi: {secureBoot: true}}" \
    "$spec.domain.clock | has(\"timezone\") and (has(\"utc\") | not)" \
    "[$spec.domain.devices.disks[].bootOrder] == [null, 1]" \
    "[$spec.domain.devices.interfaces[].bootOrder] == [2, null, null]" \
    "$spec.domain.devices.interfaces[0].macAddress == \"52:54:00:12:34:56\"" \
    "[$spec.networks[].multus.networkName] == [null, \"br-0\", \"default\"]" \
    "$spec.domain.devices | .tpm == {} and .sound.model == \"ich9\""

# Disks that will be in the cluster's storage; qcow2 images are converted then.
guest claims utc
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
    -o kubevirt -os "$tmpdir/out" -of qcow2 -oo pvc=one -oo pvc=two.2
has "$tmpdir/out/claims.yaml" \
    "[$spec.volumes[].persistentVolumeClaim.claimName] == [\"one\", \"two.2\"]"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/claims-sda"
upload="virtctl image-upload pvc"
expect_stderr "Next: $upload one --image-path $tmpdir/out/claims-sda \
--size 1048576 && $upload two.2 --image-path $tmpdir/out/claims-sdb \
--size 2097152 && kubectl create -f $tmpdir/out/claims.yaml"

# Networks that the user names are the cluster's.
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
    -o kubevirt -os "$tmpdir/out" --network lan
has "$tmpdir/out/claims.yaml" "$spec.networks[0] == \
    {name: \"net0\", multus: {networkName: \"lan\"}}" \
    "[$spec.networks[] | has(\"pod\")] == [false, false, false]"

# What KubeVirt has not, and only the networks that the guest is on there.
sed "s/bus='sata'/bus='scsi'/; s|<interface type='bridge'>|&<model \
type='vmxnet3'/>|; s|<sound|<controller type='scsi' index='0' \
model='vmpvscsi'/>&|" "$tmpdir/guest.xml" >"$tmpdir/vmware.xml"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/vmware.xml" \
    -o kubevirt -os "$tmpdir/out"
expect_stderr "warning: .*disks on scsi vmpvscsi, where KubeVirt's .* on sata,"
expect_stderr "warning: KubeVirt has no network card 'vmxnet3', .* an e1000e"
expect_stderr "warning: .*'Br_0'.* NetworkAttachmentDefinition; .* type for \
example --bridge Br_0:default"
expect_stderr "warning: .*'日本'.* --network .?日本:default"
expect_no_stderr libvirt
expect_no_stderr "network 'VM"
has "$tmpdir/out/claims.yaml" \
    "[$spec.domain.devices.disks[].disk.bus] == [\"sata\", \"sata\"]" \
    "$spec.domain.devices.interfaces[1].model == \"e1000e\""
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/vmware.xml" \
    -o kubevirt -os "$tmpdir/out" -oo bus=scsi
expect_no_stderr 'warning.* disks on'
has "$tmpdir/out/claims.yaml" \
    "[$spec.domain.devices.disks[].disk.bus] == [\"scsi\", \"scsi\"]"
run_expecting 2:usage:false v2v-nbdkit-launch -i libvirtxml \
    "$tmpdir/guest.xml" -o kubevirt -os "$tmpdir/out" -oo pvc=one -oo pvc=one
expect_error '-oo pvc=one is given for two disks'

# refused ERROR OPTION...: the run ends before it has made anything.
refused ()
{
    local error=$1

    shift
    rm -rf "$tmpdir/new"
    mkdir "$tmpdir/new"
    run_expecting "$status" v2v-nbdkit-launch "$tmpdir/disk" -o kubevirt \
        -os "$tmpdir/new" "$@"
    expect_error "$error"
    expect test -z "$(ls -A "$tmpdir/new")"
}

status=2:usage:false
refused 'takes the files of a host for raw disks' -of qcow2
expect_hint 'leave out -of qcow2.*-oo pvc=NAME'
refused 'the guest has 1, 2 were given' -oo pvc=a -oo pvc=b
for claim in '' A a_b -a a- .a a..b "$(printf 'a%.0s' {1..254})"; do
    refused 'no name that a PersistentVolumeClaim can have' -oo pvc="$claim"
done
for network in 'My Net' default:a_b a/b/c /a a/ A; do
    refused 'no name that a NetworkAttachmentDefinition can have' \
        --network "$network"
    expect_hint 'kubectl get'
done
refused "-oo bus=ide: KubeVirt's machine cannot have it" -oo bus=ide
expect_hint '-oo bus=sata'
refused 'no letters and digits' -on '日本'
expect_hint '-on NAME'
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o kubevirt \
    -os "$tmpdir/out" --network lab/lan.0
has "$tmpdir/out/disk.yaml" \
    "$spec.networks[0].multus.networkName == \"lab/lan.0\""
mkdir "$tmpdir"/$'\xff'
run_expecting 1:unsupported:false v2v-nbdkit-launch "$tmpdir/disk" \
    -o kubevirt -os "$tmpdir"/$'\xff'
expect_error 'is not UTF-8'

# Names are as long as a label can be.
long=$(printf 'n%.0s' {1..62})-x
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o kubevirt \
    -os "$tmpdir/out" -on "$long"
has "$tmpdir/out/$long.yaml" ".metadata.name == \"${long%-x}\""
expect_nothing_left
