#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx: disks are below the .vmx file's folder, whatever is named or linked
# there; elsewhere only with -io allow-outside=true, and then they are named.
. ./functions.sh

vm="$tmpdir/a vm"
make_vmx "$vm"
mkdir "$vm/sub dir" "$tmpdir/out"
cp "$vm/vm.vmx" "$tmpdir/original"
mv "$vm/disk 1.vmdk" "$tmpdir/descriptor"
mv "$vm/disk 1-flat.vmdk" "$tmpdir/flat"
n=0

# names NAME: the .vmx names this as its disk.
names ()
{
    sed "s|disk 1.vmdk|$1|" "$tmpdir/original" >"$vm/vm.vmx"
}

# descriptor PATH FLAT: the descriptor at PATH names FLAT.
descriptor ()
{
    sed "s|disk 1-flat.vmdk|$2|" "$tmpdir/descriptor" >"$1"
}

# refused REGEX: so, and with the option it is read and named.
refused ()
{
    run_expecting 4:untrusted-image:false v2v-nbdkit-launch -i vmx \
        "$vm/vm.vmx" -o null
    expect_error "$1"
    expect_hint '-io allow-outside=true'
    read_from "$vm/vm.vmx" -io allow-outside=true
    expect_stderr "is outside the folder of .*a vm/vm.vmx"
}

# read_from VMX OPTION...: the disk is copied whole.
read_from ()
{
    run_expecting 0 v2v-nbdkit-launch -i vmx "$@" -o disk \
        -os "$tmpdir/out" -on "g$((++n))"
    expect_same "$tmpdir/flat" "$tmpdir/out/g$n-sda"
    expect_nothing_left
}

# The flat file, or the descriptor, is a link; so is a folder; absolute, or ..
names d.vmdk
descriptor "$vm/d.vmdk" d-flat.vmdk
ln -s ../flat "$vm/d-flat.vmdk"
refused 'd-flat.vmdk .*link that leads out of its directory'
rm "$vm/d.vmdk"
refused 'names the disk d-flat.vmdk, which is outside its folder'
rm "$vm/d-flat.vmdk"
mkdir "$tmpdir/other"
descriptor "$tmpdir/other/d.vmdk" d-flat.vmdk
ln "$tmpdir/flat" "$tmpdir/other/d-flat.vmdk"
ln -s ../other/d.vmdk "$vm/d.vmdk"
refused 'names the disk d.vmdk'
ln -s ../other "$vm/linked"
for name in linked/d.vmdk ../other/d.vmdk "$tmpdir/other/d.vmdk" \
    "sub dir/../../other/d.vmdk"; do
    names "$name"
    refused "names the disk ${name//./\\.}, which is outside"
done
# What a descriptor names.
rm "$vm/d.vmdk" "$vm/linked"
names d.vmdk
for name in ../other/d-flat.vmdk "$tmpdir/other/d-flat.vmdk"; do
    descriptor "$vm/d.vmdk" "$name"
    refused "names another file, ${name//./\\.}, that is not beside it"
done
run_expecting 2:usage:false v2v-nbdkit-launch -i vmx "$vm/vm.vmx" -o null \
    -io allow-outside=perhaps
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -i vmx "$vm/vm.vmx" \
    -o null -io allow-outside=false

# No file: nobody waits for it.
descriptor "$vm/d.vmdk" fifo
mkfifo "$vm/fifo"
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -i vmx "$vm/vm.vmx" \
    -o null
expect_error 'fifo is not a regular file'
rm "$vm/d.vmdk"
mkfifo "$vm/d.vmdk"
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -i vmx "$vm/vm.vmx" \
    -o null
expect_error 'd.vmdk is not a regular file'
rm "$vm/d.vmdk" "$vm/fifo"
run_expecting 4:not-found:false v2v-nbdkit-launch -i vmx "$vm/vm.vmx" -o null
expect_error 'd.vmdk: No such file'

# What is in the folder is read as it was: below it, by its absolute name,
# through links that stay there, and when the .vmx is found through a link.
cp "$tmpdir/flat" "$vm/sub dir/d-flat.vmdk"
descriptor "$vm/sub dir/d.vmdk" d-flat.vmdk
for name in 'sub dir/d.vmdk' './sub dir//../sub dir/d.vmdk' \
    "$vm/sub dir/d.vmdk"; do
    names "$name"
    read_from "$vm/vm.vmx"
    expect_not grep -q 'is outside' "$err"
done
ln -s 'sub dir/d.vmdk' "$vm/link.vmdk"
ln -s 'sub dir' "$vm/linked"
names linked/d.vmdk
read_from "$vm/vm.vmx"
names link.vmdk
ln -s "a vm" "$tmpdir/vm"
ln -s "vm/vm.vmx" "$tmpdir/link to a.vmx"
cd "$tmpdir"
read_from "link to a.vmx"
expect_not grep -q 'is outside' "$err"
# As on an ESXi host, where the datastore's name is a link.
names "$tmpdir/vm/sub dir/d.vmdk"
read_from "vm/vm.vmx"
expect_not grep -q 'is outside' "$err"
names "$tmpdir/vm/../other/d.vmdk"
refused "which is outside"
