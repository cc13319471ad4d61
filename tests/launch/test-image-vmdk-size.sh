#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VMDK is as large as its extent says, as for VirtualBox and libvmdk, where
# its header is rounded up to a grain.
. ./functions.sh

requires_plugin file
requires_program qemu-img
mkdir "$tmpdir/out"

# rounded FILE: its capacity becomes a multiple of the grain.
rounded ()
{
    local sectors

    sectors=$(od -An -tu4 -j12 -N4 "$1")
    sectors=$(((sectors + 127) / 128 * 128))
    printf "$(printf '\\x%02x\\x%02x\\x%02x' $((sectors & 255)) \
        $((sectors >> 8 & 255)) $((sectors >> 16)))" |
        dd of="$1" bs=1 seek=12 conv=notrunc status=none
}

for size in 10487296 8388608 512 66048; do
    make_disk "$tmpdir/raw" $size
    for type in monolithicSparse streamOptimized; do
        qemu-img convert -f raw -O vmdk -o subformat=$type "$tmpdir/raw" \
            "$tmpdir/disk.vmdk"
        rounded "$tmpdir/disk.vmdk"
        if type -P vmdkinfo >/dev/null; then
            vmdkinfo "$tmpdir/disk.vmdk" >"$tmpdir/logs/vmdkinfo" &&
                expect grep -Eq "Media size:.*\b$size( |$)|\($size bytes\)" \
                    "$tmpdir/logs/vmdkinfo"
        fi
        run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
            -on guest "$tmpdir/disk.vmdk"
        expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
    done
    rm "$tmpdir/raw"
done

# Only one of the two can be right.
make_disk "$tmpdir/raw" 1M
qemu-img convert -f raw -O vmdk "$tmpdir/raw" "$tmpdir/disk.vmdk"
sed -i 's/RW 2048 /RW 1024 /' "$tmpdir/disk.vmdk"
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "$tmpdir/disk.vmdk"
expect_error 'its header says .* 1048576 bytes, and its descriptor .* 524288'
expect_nothing_left
