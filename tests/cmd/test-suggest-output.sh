#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be written to gets a hint that says what to type.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/out"
cd "$tmpdir"
make_disk disk 1M

# hints REGEX STATUS ARGUMENT...
hints ()
{
    run_expecting "$2" v2v-nbdkit-launch disk "${@:3}"
    expect_hint "$1"
}

hints "'out'" 1:write:false -os uot
hints 'mkdir -p target' 1:write:false -os target
hints '-oo path=/dev/' 2:usage:false -o device
hints 'lsblk' 1:write:false -o device -oo path=/dev/nothing-like-it
# Another disk is never named to be overwritten.
truncate -s 1M disk.img
for path in /dev/nul disk.imf disk.qcow2; do
    hints 'lsblk lists the block devices$' 1:write:false -o device \
        -oo path=$path
    expect_no_stderr 'did you mean'
done
# Nor is the log of this very run, which is no directory.
hints 'create it: mkdir -p o1$' 1:write:false -os o1 --log o1.log
expect_no_stderr 'did you mean'
hints '-oo uri=nbd://' 2:usage:false -o nbd
hints "'nbd://...'" 2:usage:false -o nbd -oo uri=ndb://127.0.0.1
hints 'nbdinfo' 1:unreachable:true -o nbd \
    -oo uri=nbd+unix:///?socket="$tmpdir/none"
hints "'-oo zero=write'" 2:usage:false -o device -oo zero=wirte -oo path=disk
hints '--overlay-dir DIR' 1:internal:false -o null --overlay-dir none
hints '-ip needs a file' 2:usage:false -o null -ip none
