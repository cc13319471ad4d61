#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Whatever is written to, the programs open that and nothing else: disks
# changed in place, targets of changed extents, NBD exports, and names that
# qemu could take for something else.
. ./functions.sh

requires_landlock 4
requires_plugin nbd
make_disk "$tmpdir/src" 8M
change='qemu-io -c "write -P 7 1M 64k" "$V2V_OVERLAY_0"'
cp "$tmpdir/src" "$tmpdir/changed"
qemu-io -f raw -c 'write -P 7 1M 64k' "$tmpdir/changed" >/dev/null
echo '[{"start":1048576,"length":65536}]' >"$tmpdir/extents"
truncate -s 8M "$tmpdir/exported"
start_nbdkit target file "$tmpdir/exported"
odd=$'out: of,100%\'s "way" \\ \n'
mkdir "$tmpdir/$odd"
look_around nbdkit qemu-img qemu-nbd

for format in raw qcow2; do
    qemu-img convert -f raw -O $format "$tmpdir/src" "$tmpdir/$odd/in-place"
    look_expecting 0 v2v-nbdkit-launch --in-place "$tmpdir/$odd/in-place" \
        --convert "$change" --overlay-dir "$tmpdir/$odd"
    expect_same_image $format "$tmpdir/$odd/in-place" raw "$tmpdir/changed"
done
expect_looks no nbdkit qemu-nbd

look_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -os "$tmpdir/$odd" -on disk \
    -of qcow2 -oo compressed --overlay-dir "$tmpdir/$odd"
look_expecting 0 v2v-nbdkit-launch "$tmpdir/changed" -os "$tmpdir/$odd" \
    -on disk -of qcow2 \
    --changed-extents "$tmpdir/extents"
expect_looks no nbdkit qemu-img qemu-nbd
expect_same_image qcow2 "$tmpdir/$odd/disk-sda" raw "$tmpdir/changed"

look_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -o nbd \
    -oo uri="$nbdkit_uri" --convert "$change" --verify
expect_looks no nbdkit qemu-nbd
expect cmp "$tmpdir/exported" "$tmpdir/changed"
expect_nothing_left
