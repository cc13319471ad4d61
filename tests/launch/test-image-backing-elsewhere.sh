#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With -io allow-backing a relative name of a backing file is meant from the
# image's own directory.
. ./functions.sh

requires_plugin file
requires_program qemu-img
dir=$tmpdir/images
mkdir -p "$dir/deep" "$tmpdir/out"
make_disk "$tmpdir/disk" 4M
cd "$dir"
qemu-img convert -O qcow2 "$tmpdir/disk" deep/base.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b base.qcow2 deep/middle.qcow2
qemu-img create -q -f qcow2 -F qcow2 -b deep/middle.qcow2 top.qcow2
qemu-img create -q -f qed -F qcow2 -b deep/middle.qcow2 top.qed
qemu-img create -q -f qcow2 -F qcow2 -b file:deep/middle.qcow2 file.qcow2 4M
# Without the backing file's format, as older versions of qemu-img make it.
cp top.qcow2 probed.qcow2
printf 'xxxx' | dd of=probed.qcow2 bs=1 seek=112 conv=notrunc status=none

for image in top.qcow2 top.qed file.qcow2 probed.qcow2; do
    for from in "$dir" "$dir/deep" /; do
        cd "$from"
        run_expecting 0 v2v-nbdkit-launch -io allow-backing=true -o disk \
            -os "$tmpdir/out" -on guest "$dir/$image"
        expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
        rm "$tmpdir/out"/*
    done
done
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null "$dir/top.qed"
expect_error 'names another file, deep/middle\.qcow2'

expect_hint 'allow-backing=true'

# Where that would not help, it is not what the hint says.
start_nbdkit elsewhere file "$dir/top.qcow2"
qemu-img create -q -u -f qcow2 -F raw -b nbd://127.0.0.1:1/ "$dir/net.qcow2" 1M
for image in "$nbdkit_uri" "$dir/net.qcow2"; do
    run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null "$image"
    expect_hint 'copy the image and the file into a directory of this host$'
    expect_no_stderr 'allow-backing'
done
run_expecting 4:unsupported:false v2v-nbdkit-launch -io allow-backing=true \
    -o null "$nbdkit_uri"
expect_error 'refers to the file deep/middle\.qcow2, which cannot be located'
expect_hint 'directory of this host'

# A server's image does not mean this host's files, by absolute names neither.
cd "$dir"
qemu-img create -q -f qcow2 -F raw -b "$tmpdir/disk" absolute.qcow2
qemu-img create -q -f qcow2 -o data_file="$tmpdir/disk",data_file_raw=on \
    data.qcow2 4M
mkdir "$tmpdir/www"
cp absolute.qcow2 data.qcow2 "$tmpdir/www"
start_nginx
for image in absolute data; do
    run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null \
        "$http_url/$image.qcow2"
    expect_hint 'copy the image and the file into a directory of this host$'
    expect_no_stderr 'allow-backing'
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check \
        -io allow-backing=true "$http_url/$image.qcow2"
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
        -io allow-backing=true "$http_url/$image.qcow2"
    expect_error "refers to the file $tmpdir/disk, which cannot be located"
done
run_expecting 0 v2v-nbdkit-launch -io allow-backing=true -o disk \
    -os "$tmpdir/out" -on guest absolute.qcow2
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
rm "$dir/deep/middle.qcow2"
run_expecting 4:not-found:false v2v-nbdkit-launch -io allow-backing=true \
    -o null "$dir/top.qcow2"
expect_error "$dir/deep/middle\.qcow2, which the image names: No such file"
expect_nothing_left
