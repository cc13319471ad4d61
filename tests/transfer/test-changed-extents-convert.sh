#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents and --convert: the delta is copied, then the target is
# converted in place; if that fails the target is a copy of the source.
. ./functions.sh

requires_plugin file
requires_program qemu-io qemu-img
make_disk "$tmpdir/disk" 8M
mkdir "$tmpdir/out"
cp "$tmpdir/disk" "$tmpdir/copy"
write_random "$tmpdir/disk" 1048576 300000
truncate -s 7M "$tmpdir/disk"
truncate -s 8M "$tmpdir/disk"
echo '[{"start":1048576,"length":300032},{"start":7340032,"length":1048576}]' \
    >"$tmpdir/extents"
remember "$tmpdir/disk"
cp "$tmpdir/disk" "$tmpdir/expected"
qemu-io -f raw -c 'write -P 7 3M 70k' -c 'write -z 1M 64k' \
    "$tmpdir/expected" >/dev/null
convert='qemu-io -f raw -c "write -P 7 3M 70k" -c "write -z 1M 64k" \
    "$V2V_OVERLAY_URI_0"; test -e "$V2V_XML"'

# apply STATUS COMMAND ARGUMENT...
apply ()
{
    run_expecting "$1" v2v-nbdkit-launch \
        --changed-extents "$tmpdir/extents" --convert "$2" "${@:3}" \
        "$tmpdir/disk"
    expect_untouched
    expect_nothing_left
}

for format in raw qcow2; do
    for in_place in '' --in-place; do
        qemu-img convert -f raw -O $format "$tmpdir/copy" \
            "$tmpdir/out/guest-sda"
        apply 0 "$convert" -os "$tmpdir/out" -on guest -of $format $in_place
        expect_same_image raw "$tmpdir/expected" $format \
            "$tmpdir/out/guest-sda"
    done
done
cp "$tmpdir/copy" "$tmpdir/out/guest-sda"
apply 5:convert:false "$convert; false" -os "$tmpdir/out" -on guest
expect_hint 'the changed extents were copied'
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
apply 0 "$convert" -os "$tmpdir/out" -on guest
expect_same "$tmpdir/expected" "$tmpdir/out/guest-sda"

cp "$tmpdir/copy" "$tmpdir/target"
apply 0 "$convert" -o device -oo path="$tmpdir/target"
expect_same "$tmpdir/expected" "$tmpdir/target"
cp "$tmpdir/copy" "$tmpdir/target"
start_nbdkit target file "$tmpdir/target"
apply 0 "$convert" -o nbd -oo uri="$nbdkit_uri"
expect_same "$tmpdir/expected" "$tmpdir/target"
expect test "$(find "$tmpdir" -name '*in-place*')" = ''
apply 2:usage:false "$convert" -o null
apply 0 "$convert" --check -o device -oo path="$tmpdir/target"
