#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i libvirtxml: cookies of the XML open the disk and are seen nowhere.
. ./functions.sh

mkdir "$tmpdir/www" "$tmpdir/out"
make_disk "$tmpdir/www/disk 1" 5M
start_nginx
cat >"$tmpdir/guest.xml" <<END
<domain type='kvm'>
  <name>guest</name>
  <memory unit='MiB'>256</memory>
  <os><type>hvm</type></os>
  <devices>
    <disk type='network' device='disk'>
      <driver name='qemu' type='raw'/>
      <source protocol='https' name='/cookie/disk 1'>
        <host name='127.0.0.1' port='$https_port'/>
        <ssl verify='no'/>
        <cookies>
          <cookie name='other'>"a b"</cookie>
          <cookie name='session'>$http_password</cookie>
        </cookies>
      </source>
      <target dev='vda' bus='virtio'/>
    </disk>
  </devices>
</domain>
END
run_traced 0 v2v-nbdkit-launch -v -x -i libvirtxml "$tmpdir/guest.xml" \
    -o disk -os "$tmpdir/out" --log "$tmpdir/run.log"
expect_same "$tmpdir/www/disk 1" "$tmpdir/out/guest-sda"
expect_nowhere "$http_password"
run_expecting 0 v2v-nbdkit-launch --dry-run -i libvirtxml "$tmpdir/guest.xml"
# In the form that this nbdkit takes.
expect_stdout '"\$V2VDIR"/in0\.(cookie|header-script)'
expect_nowhere "$http_password"

SECONDS=0
sed -i "s/$http_password/expired/" "$tmpdir/guest.xml"
run_expecting 4:auth:false v2v-nbdkit-launch -i libvirtxml \
    "$tmpdir/guest.xml" -o null
expect_error 'disk%201: .*401'
expect_seconds 5
expect_nothing_left
