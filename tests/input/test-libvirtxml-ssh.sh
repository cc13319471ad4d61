#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i libvirtxml: a key and a known_hosts file of any name, and no file
# written beside the key; or an agent.
. ./functions.sh

start_sshd
make_disk "$tmpdir/disk" 3M
mkdir "$tmpdir/keys 100%h" "$tmpdir/out"
cp "$ssh_identity" "$tmpdir/keys 100%h/id %d"
cp "$ssh_known_hosts" "$tmpdir/keys 100%h/hosts %u"

# xml IDENTITY: the guest, its disk to be read with these attributes.
xml ()
{
    cat <<END
<domain type='kvm'>
  <name>guest</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <source protocol='ssh' name='$tmpdir/disk'>
        <host name='127.0.0.1' port='$sshd_port'/>
        <timeout seconds='30'/>
        <identity username='$ssh_user' $1/>
        <knownHosts path='$tmpdir/keys 100%h/hosts %u'/>
      </source>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
END
}

xml "keyfile='$tmpdir/keys 100%h/id %d'" >"$tmpdir/guest.xml"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" -o disk \
    -os "$tmpdir/out"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect test "$(ls "$tmpdir/keys 100%h")" = $'hosts %u\nid %d'
rm "$tmpdir/out/"*

# An option counts before the XML.
xml "keyfile='$tmpdir/none'" >"$tmpdir/guest.xml"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" -o disk \
    -os "$tmpdir/out" "${ssh_options[@]}"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
rm "$tmpdir/out/"*

requires_program ssh-agent ssh-add
start_server agent ssh-agent -D -a "$tmpdir/agent"
wait_for test -S "$tmpdir/agent"
SSH_AUTH_SOCK=$tmpdir/agent ssh-add -q "$ssh_identity" 2>/dev/null
xml "agentsock='$tmpdir/agent'" >"$tmpdir/guest.xml"
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" -o disk \
    -os "$tmpdir/out"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
