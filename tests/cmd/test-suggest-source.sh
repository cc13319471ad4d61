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
    expect_error "^hint: .*$1"
}

# Files.
means "'disk.qcow2'" 4 disk.qcow
means "'disk.qcow2'" 4 disk
means "'disk.qcow2'" 4 disk.raw
means "'$tmpdir/disks/web.img'" 4 "$tmpdir/disks/wbe.img"
means "'$tmpdir/disks/web.img'" 4 -i ova "$tmpdir/disks/web.ova"
means "web.img'" 4 -i libvirtxml web.xml
run_expecting 4 v2v-nbdkit-launch nothing-like-it -o null
expect_no_stderr 'hint:'
# What a name may hold does not get to the terminal.
run_expecting 4 v2v-nbdkit-launch 'odd?[31mnam' -o null
expect_not grep -q "$(printf '\033')" "$err"

# A disk where something else is wanted, and of another kind.
truncate -s 9M large
means '-i disk' 4 -i vmx large
means '-i disk' 4 -i ova large
means '-i disk' 4 -i libvirtxml large
expect_error 'large: it has'
means '-if FORMAT' 4 -if qcow2 web.img

# URLs.
means "'http://...'" 2 htpp://127.0.0.1/x
means "'ssh://...'" 2 shs://127.0.0.1/x
means "'https://...'" 2 HTTPS://127.0.0.1/x
means "'ssh://...'" 2 sftp://127.0.0.1/x
means "'http://...'" 4 http:/127.0.0.1/x
means "'https://...'" 4 https//127.0.0.1/x
means "'ssh://root@127.0.0.1/x'" 4 root@127.0.0.1:/x
means "'ssh://127.0.0.1/x'" 4 127.0.0.1:x
means "alone: /x" 2 file:///x
means '-i libvirt -ic vpx://' 2 vpx://vcenter.example.com/DC
means '-it vddk' 4 '[ds] vm/vm.vmdk'
# A password is not repeated.
run_expecting 4 v2v-nbdkit-launch user:open-3e91@127.0.0.1:/x -o null
expect_no_stderr 'hint:.*open-3e91'

# Nothing is near these.
run_expecting 2 v2v-nbdkit-launch gopher://127.0.0.1/x -o null
expect_error '^hint: it knows paths'

# The description of a guest can be copied as a disk, but is that meant?
cp disk.qcow2 guest.ova
run_expecting 0 v2v-nbdkit-launch guest.ova -o null
expect_stderr 'warning: .*guest.ova.*-i ova'
