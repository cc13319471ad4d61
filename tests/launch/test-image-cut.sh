#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image that has lost its end is refused, wherever it ends: qemu reads what
# is missing as zeroes.
. ./functions.sh

requires_plugin file
requires_program qemu-img
disk=$tmpdir/disk
random_bytes disk | head -c 4M >"$disk"

# expect_cut FORMAT MISSING [OPTIONS]: the image without its last MISSING bytes
# is refused.
expect_cut ()
{
    local image=$tmpdir/disk.$1

    # shellcheck disable=SC2086
    qemu-img convert -O "$1" ${3-} "$disk" "$image"
    truncate -s -"$2" "$image"
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null "$image"
    expect_error "disk\.$1 is incomplete: at least [0-9]* bytes are missing"
    expect_hint 'interrupted'
}

for missing in 1 512 70000 2100000; do
    expect_cut qcow2 $missing
    expect_error "at least $missing bytes"
    expect_cut vdi $missing
    expect_error "at least $missing bytes"
done
# The first level's table, an L2 table, and the refcounts.
for missing in 4200000 4260000 4390000; do
    expect_cut qcow2 $missing
done
expect_cut qcow2 600 -c
expect_cut qcow2 600 '-o cluster_size=512'
expect_cut qcow2 70000 '-o cluster_size=2M,refcount_bits=1,extended_l2=on'
expect_cut qcow2 70000 '-o compat=0.10'
expect_cut qcow 1
expect_cut qcow 2100000
expect_cut qed 1
expect_cut qed 2100000
# qemu does not see the last cluster at all.
random_bytes end | head -c 3584 >>"$disk"
expect_cut qed 513
truncate -s 4M "$disk"
if [ -n "$(known_formats parallels)" ]; then
    expect_cut parallels 1
    expect_cut parallels 2100000
    # Its first form counts sectors, and has other clusters.
    printf 'WithoutFreeSpace' | dd of="$tmpdir/disk.parallels" conv=notrunc \
        status=none
    run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/disk.parallels"
    printf '\xff\xff' |
        dd of="$tmpdir/disk.parallels" bs=1 seek=64 conv=notrunc \
        status=none
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
        "$tmpdir/disk.parallels"
    expect_error 'is incomplete'
fi
# Several uses of the last cluster, and refcounts that do not count all.
requires_program qemu-io
random_bytes text | base64 | head -c 1M >"$disk"
expect_cut qcow2 600 -c
image=$tmpdir/lazy.qcow2
qemu-img create -q -f qcow2 -o lazy_refcounts=on "$image" 4M
qemu-io -f qcow2 -c 'write -P 3 0 1M' -c flush -c abort "$image" \
    >/dev/null 2>&1 || :
run_expecting 0 v2v-nbdkit-launch -o null "$image"
expect_stderr 'warning: .*not closed'
truncate -s -100 "$image"
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null "$image"
expect_error 'is incomplete: at least 100 bytes'
# A few bytes of compressed data, of which the tables count sectors only.
random_bytes text | base64 | head -c 64K >"$tmpdir/text"
qemu-img create -q -f qcow2 "$tmpdir/text.qcow2" 64k
qemu-io -f qcow2 -c "write -c -s $tmpdir/text 0 64k" "$tmpdir/text.qcow2" \
    >/dev/null
run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/text.qcow2"
truncate -s -20 "$tmpdir/text.qcow2"
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "$tmpdir/text.qcow2"
expect_error 'is incomplete'
expect_nothing_left
