#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual's own example converts a whole guest, over http and over ssh: it
# boots from virtio disks, and what was /dev/sda2 in its fstab is /dev/vda2.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-7200}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"

make_guest
use_libguestfs
start_nginx
start_sshd
ln -s "$guest" "$tmpdir/www/disk"
mkdir "$tmpdir/out"
remember "$guest"

# Later versions (seen: 2.5) write what they have found of the guest.
converted=
if virt-v2v-in-place --machine-readable | grep -qx output-xml-option; then
    converted='-O "$V2V_CONVERTED_XML"'
fi

# converts NAME FORMAT SOURCE: SOURCE is libvirt's element.
converts ()
{
    cat >"$tmpdir/$1.xml" <<EOF
<domain type='kvm'><name>$1</name><memory unit='MiB'>1024</memory>
<os><type arch='x86_64'>hvm</type></os><devices>
<disk type='network' device='disk'><driver name='qemu' type='raw'/>$3
<target dev='sda' bus='sata'/></disk></devices></domain>
EOF
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/$1.xml" \
        -o disk -os "$tmpdir/out" -of "$2" \
        --convert "virt-v2v-in-place -i libvirtxml \"\$V2V_XML\" $converted"
    expect_untouched
    expect_nothing_left
    expect grep -q 'bus="virtio"' "$tmpdir/out/$1.xml"
    boots_from "$tmpdir/out/$1.xml"
    says '/boot/efi: /dev/vda2'
}

converts http raw "<source protocol='http' name='disk'>
<host name='127.0.0.1' port='$http_port'/></source>"
converts ssh qcow2 "<source protocol='ssh' name='$guest'>
<host name='127.0.0.1' port='$sshd_port'/>
<identity username='$ssh_user' keyfile='$ssh_identity'/>
<knownHosts path='$ssh_known_hosts'/></source>"
