#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An overlay that COMMAND makes a complete image is copied whole: what it has
# not allocated is zero, and not the source's.
. ./functions.sh

requires_plugin file
# The last sector is not full.
make_disk "$tmpdir/disk" 4195000
cp "$tmpdir/disk" "$tmpdir/want"
write_zeroes "$tmpdir/want" 0 1048576
write_zeroes "$tmpdir/want" 3145728 524288
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
qemu-img convert -f raw -O vmdk -o subformat=streamOptimized \
    "$tmpdir/disk" "$tmpdir/disk.vmdk"
# As large as qcow2 and VMDK make it.
cp "$tmpdir/want" "$tmpdir/want.raw"
truncate -s %512 "$tmpdir/want"
remember "$tmpdir/disk" "$tmpdir/disk.qcow2" "$tmpdir/disk.vmdk"
cat >"$tmpdir/zero" <<'END'
qemu-io -f qcow2 -c "write -z 0 1M" -c "discard 3M 512k" "$1" >/dev/null
END

# copies FORMAT SOURCE COMMAND
copies ()
{
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch -if "$1" -o disk -os "$tmpdir/out" \
        -on guest --convert "set -e; cd '$tmpdir'; sh '$tmpdir/zero' \"\$overlay\"; $3" "$2"
    expect_same "$tmpdir/want$([ "$1" != raw ] || echo .raw)" \
        "$tmpdir/out/guest-sda"
    expect_untouched
    expect_nothing_left
}

convert='qemu-img convert -f qcow2 -O qcow2'
for format in raw qcow2 vmdk; do
    source=$tmpdir/disk.$format
    [ $format != raw ] || source=$tmpdir/disk
    copies $format "$source" \
        "$convert \"\$overlay\" new; mv new \"\$overlay\""
    copies $format "$source" 'qemu-img rebase -f qcow2 -b "" "$overlay"'
done
copies raw "$tmpdir/disk" "$convert -c \"\$overlay\" new
                           cat new >\"\$overlay\"; rm new"

# Only the second disk's overlay is replaced.
rm -rf "$tmpdir/out"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest --convert "cd '$tmpdir'; sh '$tmpdir/zero' \"\$V2V_OVERLAY_1\"
        $convert \"\$V2V_OVERLAY_1\" new && mv new \"\$V2V_OVERLAY_1\"" \
    "$tmpdir/disk" "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/want.raw" "$tmpdir/out/guest-sdb"
expect_untouched
expect_nothing_left
