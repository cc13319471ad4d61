#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A sparse VMDK that was cut off is refused; one that is whole is not, though
# its last grain may be short.
. ./functions.sh

requires_plugin file
requires_program qemu-img
make_disk "$tmpdir/raw" $(((40 << 20) + 512))
for type in monolithicSparse streamOptimized; do
    qemu-img convert -f raw -O vmdk -o subformat=$type "$tmpdir/raw" \
        "$tmpdir/$type.vmdk"
done
# As VMware writes a stream: the directory's place is in a footer.
cp "$tmpdir/streamOptimized.vmdk" "$tmpdir/footer.vmdk"
truncate -s %512 "$tmpdir/footer.vmdk"
{
    printf '\1\0\0\0\0\0\0\0\0\0\0\0\3\0\0\0'
    head -c 496 /dev/zero
    head -c 512 "$tmpdir/streamOptimized.vmdk"
    head -c 512 /dev/zero
} >>"$tmpdir/footer.vmdk"
printf '\377\377\377\377\377\377\377\377' |
    dd of="$tmpdir/footer.vmdk" bs=1 seek=56 conv=notrunc status=none
qemu-img compare -f raw -F vmdk "$tmpdir/raw" "$tmpdir/footer.vmdk" ||
    skip "this qemu does not read the footer"

mkdir "$tmpdir/out"
for type in monolithicSparse streamOptimized footer; do
    image=$tmpdir/$type.vmdk
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        "$image"
    expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
    size=$(stat -c %s "$image")
    # qemu leaves more room behind the last grain than that needs.
    for n in 100 1000 20000 $((size / 2)) $((size - 70000)) \
        $([ $type != footer ] || echo $((size - 1)) $((size - 513))); do
        head -c "$n" "$image" >"$tmpdir/cut.vmdk"
        run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
            -if vmdk "$tmpdir/cut.vmdk"
        expect_error 'incomplete|not a VMDK|damaged'
    done
done

# Nothing of the disk is missing.
truncate -s -65024 "$tmpdir/monolithicSparse.vmdk"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$tmpdir/monolithicSparse.vmdk"
expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
truncate -s -1 "$tmpdir/monolithicSparse.vmdk"
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "$tmpdir/monolithicSparse.vmdk"
expect_error 'is incomplete: at least 1 bytes are missing'
printf KDMV >start
run_expecting 4:unsupported:false v2v-nbdkit-launch start -o null
expect_error 'it is incomplete: it ends within its header'
expect_hint .
expect_nothing_left
