#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where the guest's metadata say raw, an image is refused, unless the user
# says which it is; also when it is the second disk.
. ./functions.sh

requires_plugin file
requires_plugin nbd
requires_program qemu-img
start_nginx
mkdir "$tmpdir/o"
cd "$tmpdir"
make_disk raw.img 2M
make_disk d.img 3M
for format in $(known_formats qcow2 vmdk vdi vhdx qed parallels); do
    qemu-img convert -O $format d.img d.$format
done
qemu-img convert -O vpc -o force_size=on d.img d.vhd
cp d.* www
start_nbdkit disk file file="$tmpdir/d.vdi"

# guest DISK...: domain XML with these disks, called raw.
guest ()
{
    echo "<domain type='kvm'><name>g</name><memory>1048576</memory><devices>"
    printf "%s<driver name='qemu' type='raw'/><target dev='vd%s'/></disk>" "$@"
    echo '</devices></domain>'
}

# refused FORMAT ARGUMENT...
refused ()
{
    run_expecting 4:unsupported:false v2v-nbdkit-launch "${@:2}" -os o
    expect_error 'should be a raw disk'
    expect_hint "-if $1 "
    expect test -z "$(ls -A o)"
}

file="<disk type='file'><source file='$tmpdir"
for format in $(known_formats qcow2 vmdk vdi vhdx qed parallels) vhd; do
    guest "$file/raw.img'/>" a "$file/d.$format'/>" b >g.xml
    refused $format -i libvirtxml g.xml
    refused $format -i nbdkit file file="$tmpdir/d.$format"
done
guest "<disk type='network'><source protocol='http' name='/d.qcow2'><host \
name='127.0.0.1' port='$http_port'/></source>" a >g.xml
refused qcow2 -i libvirtxml g.xml
guest "<disk type='network'><source protocol='nbd' name=''><host \
transport='unix' socket='$nbdkit_socket'/></source>" a >g.xml
refused vdi -i libvirtxml g.xml

# The user's word.
run_expecting 0 v2v-nbdkit-launch -if vdi -i libvirtxml g.xml -os o
expect_same_image raw d.img raw o/g-sda
rm o/*
run_expecting 0 v2v-nbdkit-launch -if raw -i libvirtxml g.xml -os o
expect cmp d.vdi o/g-sda
rm o/*

# What plugins make up is raw.
for plugin in 'memory size=1M' 'pattern size=1M' 'random size=1M' \
    'null size=1M' 'data data=1 size=1M'; do
    read -ra words <<<"$plugin"
    nbdkit "${words[0]}" --version >/dev/null 2>&1 || continue
    run_expecting 0 v2v-nbdkit-launch -i nbdkit "${words[@]}" -o null
done
expect_nothing_left
