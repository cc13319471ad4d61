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
hints "'/dev/null'" 1:write:false -o device -oo path=/dev/nul
hints 'lsblk' 1:write:false -o device -oo path=/dev/nothing-like-it
hints '-oo uri=nbd://' 2:usage:false -o nbd
hints "'nbd://...'" 2:usage:false -o nbd -oo uri=ndb://127.0.0.1
hints 'nbdinfo' 1:unreachable:true -o nbd \
    -oo uri=nbd+unix:///?socket="$tmpdir/none"
hints "'-oo zero=write'" 2:usage:false -o device -oo zero=wirte -oo path=disk
hints '--overlay-dir DIR' 1:internal:false -o null --overlay-dir none
hints '-ip needs a file' 2:usage:false -o null -ip none
