#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents onto a qcow2 image on a device, with sectors of either
# size: what is listed changes, zeroes too, and nothing else.  A device without
# such an image, or with one of another disk, is not written to.
. ./functions.sh

requires_plugin file
requires_program qemu-img qemu-io jq
make_disk "$tmpdir/disk" 8M
cat >"$tmpdir/extents" <<'END'
[{"start": 6291456, "length": 2097152}, {"start": 1000001, "length": 12345},
 {"start": 4194304, "length": 100000}]
END
truncate -s 8M "$tmpdir/before"
write_random "$tmpdir/before" 0 8388608
cp "$tmpdir/before" "$tmpdir/expected"
while read -r start len; do
    dd if="$tmpdir/disk" of="$tmpdir/expected" bs=65536 skip="$start" \
        seek="$start" count="$len" iflag=skip_bytes,count_bytes \
        oflag=seek_bytes conv=notrunc status=none
done < <(jq -r '.[] | "\(.start) \(.length)"' "$tmpdir/extents")

# apply STATUS ARGUMENT...
apply ()
{
    run_expecting "$1" v2v-nbdkit-launch -o device -oo path="$loop_device" \
        --changed-extents "$tmpdir/extents" "${@:2}" "$tmpdir/disk"
    expect_nothing_left
}

for sector in 512 4096; do
    truncate -s 12M "$tmpdir/behind-$sector"
    make_loop "$tmpdir/behind-$sector" --sector-size $sector
    run_expecting 0 v2v-nbdkit-launch -o device -oo path="$loop_device" \
        -of qcow2 "$tmpdir/before"
    for more in --check -q; do
        apply 0 -of qcow2 $more
    done
    expect_same_image raw "$tmpdir/expected" qcow2 "$loop_device"
    expect qemu-img check -q -f qcow2 "$loop_device"
done

# The copy is converted where it is.
apply 0 -of qcow2 --convert \
    'qemu-io -f qcow2 -c "write -P 7 2M 64k" "$V2V_OVERLAY_0"'
qemu-io -f raw -c 'write -P 7 2M 64k' "$tmpdir/expected" >/dev/null
expect_same_image raw "$tmpdir/expected" qcow2 "$loop_device"

# An image there, and -of raw; none, or a smaller one, and -of qcow2.
remember "$loop_device"
apply 1:unsupported:false
expect_error 'should be a raw copy of the disk, but it is a qcow2 image'
expect_hint 'give -of qcow2'
expect_untouched
qemu-img create -q -f qcow2 "$loop_device" 4M
remember "$loop_device"
apply 1:source-changed:false -of qcow2
expect_error "$loop_device has 4194304 bytes, but the source has 8388608"
expect_untouched
head -c 65536 /dev/zero >"$loop_device"
remember "$loop_device"
apply 1:unsupported:false -of qcow2
expect_error 'should be a qcow2 copy of the disk, but it is a raw'
expect_untouched
