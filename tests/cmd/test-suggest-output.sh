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
    expect_error "^hint: .*$1"
}

hints "'out'" 1 -os uot
hints 'mkdir -p target' 1 -os target
hints '-oo path=/dev/' 2 -o device
hints "'/dev/null'" 1 -o device -oo path=/dev/nul
hints 'lsblk' 1 -o device -oo path=/dev/nothing-like-it
hints '-oo uri=nbd://' 2 -o nbd
hints "'nbd://...'" 2 -o nbd -oo uri=ndb://127.0.0.1
hints 'nbdinfo' 1 -o nbd -oo uri=nbd+unix:///?socket="$tmpdir/none"
hints "'-oo zero=write'" 2 -o device -oo zero=wirte -oo path=disk
hints '--overlay-dir DIR' 1 -o null --overlay-dir none
hints '-ip needs a file' 2 -o null -ip none
