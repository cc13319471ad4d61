#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device -of qcow2: the device holds an image, with sectors of either size,
# and nothing that the device held before is to be seen in it, not even an
# earlier image.
. ./functions.sh

requires_plugin file
requires_program qemu-img jq
size=$((8388608 + 512))         # it ends within a cluster and a sector
truncate -s $size "$tmpdir/empty" "$tmpdir/disk" "$tmpdir/full"
write_random "$tmpdir/full" 0 $size
write_random "$tmpdir/disk" 1000001 300000
write_random "$tmpdir/disk" $((size - 1000)) 1000
remember "$tmpdir/disk"

# copy TARGET SOURCE: copy the disk, and compare what a guest sees.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -o device -oo path="$1" -of qcow2 \
        --verify --result-file "$tmpdir/result" "$2"
    expect test "$(jq -r '.disks[0].format' "$tmpdir/result")" = qcow2
    expect test "$(jq -r '.disks[0].verified' "$tmpdir/result")" = true
    expect qemu-img check -q -f qcow2 "$(qemu_name "$1")"
    expect_same_image raw "$2" qcow2 "$1"
    expect_nothing_left
}

for sector in 512 4096; do
    truncate -s 16M "$tmpdir/behind-$sector"
    write_random "$tmpdir/behind-$sector" 0 16777216
    make_loop "$tmpdir/behind-$sector" --sector-size $sector
    for disk in full disk empty; do
        copy "$loop_device" "$tmpdir/$disk"
    done
done

# A file in its place keeps its size, and so it must have room for any image.
need=$(qemu-img measure -O qcow2 --size $size | sed -n 's/^fully.*: //p')
for file_size in 16777216 "$need"; do
    rm -f "$tmpdir/file"
    truncate -s "$file_size" "$tmpdir/file"
    write_random "$tmpdir/file" 0 "$file_size"
    for disk in full disk; do
        copy "$tmpdir/file" "$tmpdir/$disk"
        expect test "$(stat -c %s "$tmpdir/file")" = "$file_size"
    done
done
truncate -s $((need - 512)) "$tmpdir/file"
cp "$tmpdir/file" "$tmpdir/before"
for more in -q --check; do
    run_expecting 8:space:false v2v-nbdkit-launch -o device -of qcow2 \
        -oo path="$tmpdir/file" $more "$tmpdir/disk"
    expect_error "file is a file of $((need - 512)) bytes"
    expect_hint "^$need bytes are always enough"
    expect_same "$tmpdir/before" "$tmpdir/file"
done
expect_untouched
