#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A SOURCE that is not there gets what was probably meant as a hint.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/disks"
cd "$tmpdir/disks"
make_disk disk.qcow2 1M
make_disk web.img 1M
make_disk $'odd\033[31mname' 1M

# means REGEX STATUS ARGUMENT...
means ()
{
    run_expecting "$2" v2v-nbdkit-launch "${@:3}" -o null
    expect_hint "$1"
}

# Files.
means "'disk.qcow2'" 4:not-found:false disk.qcow
means "'disk.qcow2'" 4:not-found:false disk
means "'disk.qcow2'" 4:not-found:false disk.raw
means "'$tmpdir/disks/web.img'" 4:not-found:false "$tmpdir/disks/wbe.img"
means "'$tmpdir/disks/web.img'" 4:not-found:false -i ova \
    "$tmpdir/disks/web.ova"
means "web.img'" 4:not-found:false -i libvirtxml web.xml
# Nor the nearest number, which is another disk, nor the log of this run.
make_disk vm-000001.vmdk 1M
for source in nothing-like-it vm-000002.vmdk extra; do
    run_expecting 4:not-found:false v2v-nbdkit-launch "$source" -o null \
        --log extra.log
    expect_no_stderr 'hint:'
done
# Nor a directory, which is no disk.
mkdir target
run_expecting 4:not-found:false v2v-nbdkit-launch web.img target.qcow2 -o null
expect_no_stderr 'hint:'
# What a name may hold does not get to the terminal.
run_expecting 4:not-found:false v2v-nbdkit-launch 'odd?[31mnam' -o null
expect_not grep -q "$(printf '\033')" "$err"

# A disk where something else is wanted, and of another kind.
truncate -s 9M large
means '-i disk' 4:unsupported:false -i vmx large
means '-i disk' 4:unsupported:false -i ova large
means '-i disk' 4:unsupported:false -i libvirtxml large
expect_error 'large: it has'
means '-if FORMAT' 4:unsupported:false -if qcow2 web.img

# URLs.
means "'http://...'" 2:usage:false htpp://127.0.0.1/x
means "'ssh://...'" 2:usage:false shs://127.0.0.1/x
means "'https://...'" 2:usage:false HTTPS://127.0.0.1/x
means "'ssh://...'" 2:usage:false sftp://127.0.0.1/x
means "'http://...'" 4:not-found:false http:/127.0.0.1/x
means "'https://...'" 4:not-found:false https//127.0.0.1/x
means "'ssh://root@127.0.0.1/x'" 4:not-found:false root@127.0.0.1:/x
means "'ssh://127.0.0.1/x'" 4:not-found:false 127.0.0.1:x
for source in 'json:{"driver":"file"}' rbd:pool/image; do
    means 'qemu-nbd --read-only' 4:not-found:false "$source"
    expect_no_stderr 'ssh://'
done
means "alone: /x" 2:usage:false file:///x
means '-i libvirt -ic vpx://' 2:usage:false vpx://vcenter.example.com/DC
means '-it vddk' 4:not-found:false '[ds] vm/vm.vmdk'
# A password is not repeated.
run_expecting 4:not-found:false v2v-nbdkit-launch user:open-3e91@127.0.0.1:/x \
    -o null
expect_no_stderr 'hint:.*open-3e91'

# Nothing is near these.
run_expecting 2:usage:false v2v-nbdkit-launch gopher://127.0.0.1/x -o null
expect_hint 'it knows paths'

# The description of a guest can be copied as a disk, but is that meant?
cp disk.qcow2 guest.ova
run_expecting 0 v2v-nbdkit-launch guest.ova -o null
expect_stderr 'warning: .*guest.ova.*-i ova'
