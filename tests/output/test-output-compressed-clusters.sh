#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A cluster of a compressed qcow2 can be written once only: data and holes,
# what a conversion wrote and what it left, may meet anywhere in one, and the
# last one may be short.  The image has the exact size of the disk.
. ./functions.sh

requires_program qemu-io
mkdir "$tmpdir/out"
disk=$tmpdir/disk

# copy [OPTION...]: copy the disk, and compare with $tmpdir/expected.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
        -of qcow2 -oo compressed -on guest --result-file "$tmpdir/result" \
        "$@" "$disk"
    expect test "$(jq '.disks[0].retries' "$tmpdir/result")" = 0
    expect qemu-img check -q "$tmpdir/out/guest-sda"
    expect_same_image raw "$tmpdir/expected" qcow2 "$tmpdir/out/guest-sda"
    expect test "$(qemu-img info --output=json "$tmpdir/out/guest-sda" |
        jq '."virtual-size"')" = $((($(stat -c %s "$disk") + 511) / 512 * 512))
    expect_nothing_left
}

# Blocks of 4 KiB, as a file system has its metadata: not aligned to clusters,
# several in one, and two whose clusters are adjacent.
truncate -s 16M "$disk"
for offset in 1024 4096 20480 61440 65536 131072 200704 1048576 16773120; do
    write_random "$disk" $offset 4096
done
cp "$disk" "$tmpdir/expected"
copy

for size in 1 512 65537 1000448 1049087; do
    rm -f "$disk"
    truncate -s $size "$disk"
    write_random "$disk" $((size / 3)) $((size - size / 3))
    cp "$disk" "$tmpdir/expected"
    copy
done

# Overlay, base and zeroes in the same clusters.
rm -f "$disk"
truncate -s 5000192 "$disk"
for offset in 0 69632 200704 4980736 4999680; do
    write_random "$disk" $offset 512
done
write_random "$disk" 1000000 1000000
cp "$disk" "$tmpdir/expected"
writes=(-c 'write -P 1 65024 1024' -c 'write -P 2 131584 512'
        -c 'write -z 1048576 4096' -c 'write -P 3 1114624 512'
        -c 'write -P 0 1200128 512' -c 'write -P 4 4990976 512')
qemu-io -f raw "${writes[@]}" "$tmpdir/expected" >/dev/null
copy --verify --convert "qemu-io -f qcow2 $(printf "'%s' " "${writes[@]}") \
    \"\$V2V_OVERLAY_0\""

run_expecting 2 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -of qcow2 \
    -oo compressed -oa preallocated -on guest "$disk"
expect_error 'cannot be used together'
