#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A qcow2 image that keeps its data in another file: refused, and with -io
# allow-backing read from any directory.  The data file must be whole, too.
. ./functions.sh

requires_plugin file
requires_program qemu-img
requires_program qemu-io
dir=$tmpdir/images
mkdir -p "$dir/deep" "$tmpdir/out"
make_disk "$tmpdir/disk" 4M
cd "$dir"
qemu-img create -q -f qcow2 -o data_file=deep/data,data_file_raw=on d.qcow2 4M
qemu-img convert -n -O qcow2 "$tmpdir/disk" d.qcow2
qemu-img create -q -f qcow2 -o data_file="$dir/cooked" c.qcow2 4M
qemu-img convert -n -O qcow2 "$tmpdir/disk" c.qcow2

run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null d.qcow2
expect_error 'd\.qcow2 names another file, deep/data'
expect_hint 'allow-backing=true'

for image in d c; do
    for from in "$dir" /; do
        cd "$from"
        run_expecting 0 v2v-nbdkit-launch -io allow-backing=true --check \
            "$dir/$image.qcow2"
        run_expecting 0 v2v-nbdkit-launch -io allow-backing=true -o disk \
            -os "$tmpdir/out" -on guest "$dir/$image.qcow2"
        expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
        rm "$tmpdir/out"/*
    done
done

# Both say the same of what does not work.
expect_refused ()
{
    run_expecting "4:$1:false" v2v-nbdkit-launch -io allow-backing=true \
        -o null "$3"
    expect_error "$2"
    run_expecting "4:$1:false" v2v-nbdkit-launch -io allow-backing=true \
        --check "$3"
    expect_stdout "^error .*$2"
}

truncate -s 3M "$dir/deep/data"
expect_refused unsupported \
    "$dir/deep/data, .*, is incomplete: 1048576 bytes are missing" \
    "$dir/d.qcow2"
truncate -s -1 "$dir/cooked"
expect_refused unsupported "$dir/cooked, .*, is incomplete: 1 bytes" \
    "$dir/c.qcow2"
# It needs what the image refers to, which may begin at its start, and no more.
qemu-img create -q -f qcow2 -o data_file="$dir/part" "$dir/p.qcow2" 4M
qemu-io -f qcow2 -c 'write -P 5 0 64k' "$dir/p.qcow2" >/dev/null
truncate -s 64K "$dir/part"
run_expecting 0 v2v-nbdkit-launch -io allow-backing=true -o null "$dir/p.qcow2"
truncate -s 1000 "$dir/part"
expect_refused unsupported "$dir/part, .*, is incomplete: 64536 bytes" \
    "$dir/p.qcow2"
rm "$dir/deep/data"
expect_refused not-found "$dir/deep/data, .*No such file" "$dir/d.qcow2"
mkfifo "$dir/deep/data"
expect_refused unsupported 'neither a file nor a block device' "$dir/d.qcow2"
start_nbdkit elsewhere file "$dir/d.qcow2"
expect_refused unsupported 'refers to the file deep/data, which cannot be located' \
    "$nbdkit_uri"
expect_nothing_left
