#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image whose file ends within a cluster, or before clusters that were
# allocated and are not used, is whole.
. ./functions.sh

requires_plugin file
requires_program qemu-img
requires_program qemu-io
mkdir "$tmpdir/out"
image=$tmpdir/image
make_disk "$tmpdir/disk" 4M

# expect_whole FORMAT: what qemu reads from the image is what we copy.
expect_whole ()
{
    qemu-img convert -f "$1" -O raw "$image" "$tmpdir/raw"
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        "$image"
    expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
}

# expect_odd: the file ends within a cluster.
expect_odd ()
{
    expect test $(($(stat -c %s "$image") % 65536)) != 0
}

# Its last cluster is the first level's table.
qemu-img create -q -f qcow2 "$image" 1G
expect_odd
expect_whole qcow2
# Compressed data, with and without the rest of the last sector.
yes compress | head -c 1M >"$tmpdir/text"
qemu-img convert -c -O qcow2 "$tmpdir/text" "$image"
expect_odd
expect_whole qcow2
qemu-img create -q -f qcow2 "$image" 1M
qemu-io -f qcow2 -c 'write -c -P 3 0 64k' "$image" >/dev/null
expect test $(($(stat -c %s "$image") % 512)) != 0
expect_whole qcow2
# One subcluster of the last cluster.
qemu-img create -q -f qcow2 -o extended_l2=on "$image" 1M
qemu-io -f qcow2 -c 'write -P 3 0 512' "$image" >/dev/null
expect_odd
expect_whole qcow2
# A cluster that is counted and behind the file's end: number 200.
qemu-img convert -O qcow2 "$tmpdir/text" "$image"
printf '\0\1' | dd of="$image" bs=1 seek=$((131072 + 400)) conv=notrunc \
    status=none
expect_whole qcow2
# Not closed: the refcounts do not count the last clusters.
qemu-img create -q -f qcow2 -o lazy_refcounts=on "$image" 4M
qemu-io -f qcow2 -c 'write -P 3 0 1M' -c flush -c abort "$image" \
    >/dev/null 2>&1 || :
expect_whole qcow2
expect_stderr 'warning: .*not closed cleanly'
# Preallocated, made smaller, and with a snapshot that has more.
qemu-img create -q -f qcow2 -o preallocation=metadata "$image" 3M
expect_whole qcow2
qemu-img snapshot -c before "$image"
qemu-img resize -q -f qcow2 --shrink "$image" 1M 2>/dev/null ||
    qemu-io -f qcow2 -c 'write -P 5 1M 1M' "$image" >/dev/null
expect_whole qcow2
# The disk ends within the last block.
truncate -s 4195328 "$tmpdir/disk"
write_random "$tmpdir/disk" 4194304 1000
for format in $(known_formats qcow2 vdi parallels qed qcow); do
    qemu-img convert -O $format "$tmpdir/disk" "$image"
    expect_whole $format
done
expect_nothing_left
