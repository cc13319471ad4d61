#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo compression=zstd: qemu says that the image is compressed by zstd, and
# reads from it what it should; it is not larger than qemu-img's own.
. ./functions.sh

requires_plugin file
requires_program qemu-io
qemu_knows_zstd || skip "this qemu does not know zstd"
mkdir "$tmpdir/out"
image=$tmpdir/out/guest-sda
# Text, random data, and holes.
truncate -s 9000448 "$tmpdir/disk"
find /usr/include -name '*.h' -exec cat {} + | head -c 4000000 |
    dd of="$tmpdir/disk" bs=64k conv=notrunc status=none
write_random "$tmpdir/disk" 6000000 500000
remember "$tmpdir/disk"
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest)

compression_of ()
{
    qemu-img info --output=json "$image" |
        jq -r '."format-specific".data."compression-type"'
}

run_expecting 0 "${copy[@]}" -of qcow2 -oo compression=zstd "$tmpdir/disk"
expect test "$(compression_of)" = zstd
expect qemu-img check -q "$image"
expect_same_image raw "$tmpdir/disk" qcow2 "$image"
qemu-img convert -c -f raw -O qcow2 -o compression_type=zstd "$tmpdir/disk" \
    "$tmpdir/theirs"
expect test "$(stat -c %s "$image")" -lt \
    $(($(stat -c %s "$tmpdir/theirs") * 105 / 100))
rm "$image"

# qemu can write to it.
cp "$tmpdir/disk" "$tmpdir/expected"
writes=(-c 'write -P 1 65024 1024' -c 'write -z 131072 200192'
        -c 'write -P 2 8999936 512')
qemu-io -f raw "${writes[@]}" "$tmpdir/expected" >/dev/null
run_expecting 0 "${copy[@]}" -of qcow2 -oo compressed -oo compression=zstd \
    --verify --convert "qemu-io -f qcow2 $(printf "'%s' " "${writes[@]}") \
        \"\$V2V_OVERLAY_0\"" "$tmpdir/disk"
expect_same_image raw "$tmpdir/expected" qcow2 "$image"
qemu-io -f qcow2 -c 'write -P 7 0 100000' "$image" >/dev/null
qemu-io -f raw -c 'write -P 7 0 100000' "$tmpdir/expected" >/dev/null
expect qemu-img check -q "$image"
expect_same_image raw "$tmpdir/expected" qcow2 "$image"
rm "$image"

run_expecting 0 "${copy[@]}" -of qcow2 -oo compression=zlib "$tmpdir/disk"
expect test "$(compression_of)" = zlib
expect test "$(stat -c %s "$image")" -lt 3000000
expect_same_image raw "$tmpdir/disk" qcow2 "$image"
expect_untouched
expect_nothing_left
