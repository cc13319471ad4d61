#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The size of a VHD's disk is the one that its footer states, with any qemu;
# Virtual PC and old qemus showed what the geometry says.
. ./functions.sh

requires_program qemu-img
disk=$tmpdir/disk
make_disk "$disk" 10M
geometry=301,4,17               # 6144 bytes less
mkdir "$tmpdir/out"
for subformat in dynamic fixed; do
    qemu-img convert -f raw -O vpc -o subformat=$subformat,force_size=on \
        "$disk" "$tmpdir/$subformat.vhd"
    for creator in vbox wa 'win ' qem2 d2v 'vpc ' qemu; do
        vhd=$tmpdir/disk.vhd
        cp "$tmpdir/$subformat.vhd" "$vhd"
        "$abs_srcdir/edit-vhd" "$vhd" "creator=$creator" geometry=$geometry
        run_expecting 0 v2v-nbdkit-launch "$vhd" -os "$tmpdir/out" \
            --convert true
        cp "$disk" "$tmpdir/expected"
        case $creator in
            vpc*|qemu) truncate -s 10479616 "$tmpdir/expected" ;;
        esac
        expect_same "$tmpdir/expected" "$tmpdir/out/disk-sda"
        rm -r "$tmpdir/out"
        mkdir "$tmpdir/out"
        # An independent reader, where there is one.
        case $creator in
            vpc*|qemu) continue ;;
        esac
        [ -z "$(type -P vhdiinfo)" ] ||
            expect grep -q '(10485760 bytes)' <(vhdiinfo "$vhd")
    done
done

# The largest geometry says only that the disk is larger, and one that does
# not fit into the file (qemu 1.x) is none of a fixed image.
for how in dynamic:65535,16,255 fixed:65535,16,255 fixed:400,4,17; do
    cp "$tmpdir/${how%%:*}.vhd" "$tmpdir/disk.vhd"
    "$abs_srcdir/edit-vhd" "$tmpdir/disk.vhd" creator=qemu \
        geometry="${how#*:}"
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk.vhd" -os "$tmpdir/out"
    expect_same "$disk" "$tmpdir/out/disk-sda"
    rm -r "$tmpdir/out"
    mkdir "$tmpdir/out"
done

cp "$tmpdir/dynamic.vhd" "$tmpdir/disk.vhd"
"$abs_srcdir/edit-vhd" "$tmpdir/disk.vhd" size=2190433321472
run_expecting 4:unsupported:false v2v-nbdkit-launch "$tmpdir/disk.vhd" -o null
expect_error '2040 GiB'
"$abs_srcdir/edit-vhd" "$tmpdir/disk.vhd" size=2190433320960
run_expecting 4:untrusted-image:false v2v-nbdkit-launch "$tmpdir/disk.vhd" \
    -o null
expect_error 'room for 5 blocks'
expect_nothing_left
