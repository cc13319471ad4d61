#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A fixed VHD is a raw disk with a footer behind it, which is not copied:
# local, over http and NBD, in an OVA, and to a device of the disk's size.
. ./functions.sh

requires_plugin file
requires_program qemu-img
disk=$tmpdir/disk1
make_ovf "$tmpdir/ovf"
mkdir "$tmpdir/www" "$tmpdir/out"
vhd=$tmpdir/www/disk.vhd
qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on "$disk" "$vhd"
start_nginx
start_nbdkit disk file "$vhd"

# copied SOURCE...: the disk arrives
copied ()
{
    run_expecting 0 v2v-nbdkit-launch "$@" -os "$tmpdir/out" -on copy
    expect_same "$disk" "$tmpdir/out/copy-sda"
    rm -r "$tmpdir/out"
    mkdir "$tmpdir/out"
}

copied "$vhd"
copied -if vhd "$vhd"
copied -if vpc "$http_url/disk.vhd"
copied "$http_url/disk.vhd"
copied "$nbdkit_uri"
copied --convert true "$vhd"

# In an OVA, under the name that its OVF gives.
cp "$vhd" "$tmpdir/ovf/disk 1.vmdk"
rm "$tmpdir/ovf/vm.mf"
copied -i ova "$tmpdir/ovf"
tar -C "$tmpdir/ovf" -cf "$tmpdir/vm.ova" vm.ovf "disk 1.vmdk" "disk 2.vmdk"
copied -i ova "$tmpdir/vm.ova"

# With the footer of Virtual PC before 2004, and in a file that is longer.
cp "$vhd" "$tmpdir/old.vhd"
"$abs_srcdir/edit-vhd" "$tmpdir/old.vhd" old
copied "$tmpdir/old.vhd"
{ cat "$disk" && head -c 70000 /dev/zero && tail -c 512 "$vhd"; } \
    >"$tmpdir/long.vhd"
copied "$tmpdir/long.vhd"

# As the user wants it: a raw disk with a footer in its last sector.
run_expecting 0 v2v-nbdkit-launch -if raw "$vhd" -os "$tmpdir/out" -on copy
expect_same "$vhd" "$tmpdir/out/copy-sda"
expect_nothing_left
