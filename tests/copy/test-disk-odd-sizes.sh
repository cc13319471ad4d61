#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sizes that are no multiple of a sector or a cluster, of disks that end in
# data, in zeroes and in a hole, with a conversion and without: a raw target
# has every byte and not one more.
. ./functions.sh

requires_plugin file
requires_program qemu-img qemu-io jq
mkdir "$tmpdir/out"

copy_to ()
{
    run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
        -on guest -of "$@" "$tmpdir/source"
}

# copies ARGUMENT...: $tmpdir/disk is what comes of it.
copies ()
{
    copy_to raw "$@"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    expect jq -e ".disks[0].virtual_size == $size" "$result_file" >&2
}

for disk in '1 data' '1 hole' '511 zeroes' '513 hole' '65537 data' \
            '1049087 zeroes' '5242879 hole'; do
    read -r size end <<<"$disk"
    rm -f "$tmpdir/source"
    make_disk "$tmpdir/source" "$size"
    case $end in
        zeroes) write_zeroes "$tmpdir/source" $((size / 2)) "$size" ;;
        hole) truncate -s $((size / 2)) "$tmpdir/source"
              truncate -s "$size" "$tmpdir/source" ;;
    esac
    cp "$tmpdir/source" "$tmpdir/disk"
    copies
    # The last sector, of which the disk has only a part.
    last=$(((size - 1) / 512))
    tr '\0' '\123' </dev/zero | head -c 512 |
        dd of="$tmpdir/disk" bs=512 seek=$last conv=notrunc status=none
    truncate -s "$size" "$tmpdir/disk"
    convert="qemu-io -f qcow2 -c 'write -q -P 83 $((last * 512)) 512' \
                 \"\$V2V_OVERLAY_0\""
    copies --convert "$convert"
    copy_to qcow2 --convert "$convert"
    qemu-img convert -f qcow2 -O raw "$tmpdir/out/guest-sda" "$tmpdir/copy"
    # QEMU knows sectors only.
    expect test "$(stat -c %s "$tmpdir/copy")" = $(((last + 1) * 512))
    expect cmp -n "$size" "$tmpdir/disk" "$tmpdir/copy"
done
expect_nothing_left
