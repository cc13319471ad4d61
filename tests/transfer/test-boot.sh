#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of three disks, from three kinds of sources, boots on the copies
# as NAME.xml describes it, finds the disks in their order, and can write.
. ./functions.sh
. "$abs_srcdir/boot-sector.sh"

requires_program qemu-system-x86_64 python3 qemu-img
mkdir "$tmpdir/www" "$tmpdir/out"
start_sshd
start_nginx

make_disk "$tmpdir/1" 4M
make_disk "$tmpdir/www/2" 3M
make_disk "$tmpdir/3.raw" 2M
make_bootable "$tmpdir/1" "$tmpdir/www/2" "$tmpdir/3.raw"
qemu-img convert -f raw -O qcow2 "$tmpdir/3.raw" "$tmpdir/3"
cat >"$tmpdir/guest.xml" <<END
<domain type='xen'>
  <name>three disks</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='network' device='disk'>
      <driver type='raw'/>
      <source protocol='ssh' name='$tmpdir/1'>
        <host name='127.0.0.1' port='$sshd_port'/>
        <identity username='$ssh_user' keyfile='$ssh_identity'/>
        <knownHosts path='$ssh_known_hosts'/>
      </source>
      <target dev='hda' bus='ide'/>
    </disk>
    <disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>
    <disk type='network' device='disk'>
      <driver type='raw'/>
      <source protocol='http' name='2'>
        <host name='127.0.0.1' port='$http_port'/>
      </source>
      <target dev='hdb' bus='ide'/>
    </disk>
    <disk type='file' device='disk'>
      <driver type='qcow2'/>
      <source file='$tmpdir/3'/>
      <target dev='hdd' bus='ide'/>
    </disk>
  </devices>
</domain>
END
printf 'disk 1\ndisk 2\ndisk 3\n' >"$tmpdir/expected"
for format in raw qcow2; do
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
        -o disk -os "$tmpdir/out" -of $format -on $format
    rm -f "$tmpdir/serial"
    timeout 100 python3 "$abs_srcdir/boot.py" "$tmpdir/out/$format.xml" \
        "$tmpdir/serial" </dev/null
    expect_same "$tmpdir/expected" "$tmpdir/serial"
    qemu-img convert -f $format -O raw "$tmpdir/out/$format-sda" \
        "$tmpdir/after"
    expect cmp -n 512 -i 0:512 "$tmpdir/after" "$tmpdir/after"
    rm "$tmpdir/after"
done
expect_nothing_left
