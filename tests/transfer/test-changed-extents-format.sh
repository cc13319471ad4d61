#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Extents are not written over the header of an image: a target of another
# format than -of says is refused, for each disk, before anything is written.
. ./functions.sh

requires_plugin file
requires_program qemu-img
dir="$tmpdir/the output"
mkdir "$dir"
for disk in a b; do
    make_disk "$tmpdir/$disk" 1M
    write_random "$tmpdir/$disk" 0 65536
done
echo '[{"start":0,"length":65536}]' >"$tmpdir/extents"
qemu-img convert -f raw -O qcow2 "$tmpdir/b" "$tmpdir/b.qcow2"
qemu-img convert -f raw -O vmdk "$tmpdir/b" "$tmpdir/b.vmdk"

# apply STATUS ARGUMENT...: the deltas of both disks.
apply ()
{
    run_expecting "$1" v2v-nbdkit-launch \
        --changed-extents "$tmpdir/extents" \
        --changed-extents "$tmpdir/extents" "${@:2}" \
        "$tmpdir/a" "$tmpdir/b"
}

# start_over IMAGE: the first target is zeroes, the second IMAGE.
start_over ()
{
    rm -f "$dir"/*
    truncate -s 1M "$dir/guest-sda"
    cp "$1" "$dir/guest-sdb"
    remember "$dir/guest-sda" "$dir/guest-sdb"
}

for format in qcow2 vmdk; do
    start_over "$tmpdir/b.$format"
    for output in disk device; do
        case $output in
            disk) where=(-o disk -os "$dir" -on guest) ;;
            device) where=(-o device -oo path="$dir/guest-sda"
                           -oo path="$dir/guest-sdb") ;;
        esac
        for more in -q --check '--convert=true'; do
            apply 1:unsupported:false "${where[@]}" "$more"
            expect_error "guest-sdb should be a raw copy of the disk, but"
            expect_error "is a.* $format"
            expect_hint qcow2
            expect_untouched
        done
    done
done
expect_nothing_left

# The other way round.
start_over "$tmpdir/b"
qemu-img convert -f raw -O qcow2 "$tmpdir/a" "$dir/guest-sda"
remember "$dir/guest-sda" "$dir/guest-sdb"
apply 1:unsupported:false -os "$dir" -on guest -of qcow2
expect_error 'guest-sdb should be a qcow2 copy of the disk, but it is a raw'
expect_hint 'leave out -of qcow2'
expect_untouched

# What is copied is the image itself.
cp "$tmpdir/b.qcow2" "$dir/guest-sda"
write_random "$dir/guest-sda" 16384 4096
run_expecting 0 v2v-nbdkit-launch --changed-extents "$tmpdir/extents" \
    -os "$dir" -on guest -if raw "$tmpdir/b.qcow2"
expect_same "$tmpdir/b.qcow2" "$dir/guest-sda"
expect_nothing_left
