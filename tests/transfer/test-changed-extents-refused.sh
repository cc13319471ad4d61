#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Lists and targets that do not fit are refused before anything is written.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
truncate -s 4M "$tmpdir/out/guest-sda"
write_random "$tmpdir/out/guest-sda" 0 4194304
remember "$tmpdir/disk" "$tmpdir/out/guest-sda"

# refused STATUS WHY EXTENTS [ARGUMENT...]
refused ()
{
    echo "$3" >"$tmpdir/extents"
    run_expecting "$1" v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
        --changed-extents "$tmpdir/extents" "${@:4}" "$tmpdir/disk"
    expect_error "$2"
    expect_untouched
}

good='[{"start":0,"length":512}]'
refused 2:usage:false 'only 4194304 bytes' \
    '[{"start":0,"length":512},{"start":4194304,"length":1}]'
refused 2:usage:false 'negative' '[{"start":0,"length":512},{"start":-1,"length":1}]'
refused 2:usage:false 'JSON' '[{"start":0,"length":512},'
refused 2:usage:false 'from offset 2097152' \
    '{"startOffset":0,"length":2097152,"changedArea":[]}'
refused 2:usage:false 'given 2 times' "$good" --changed-extents "$tmpdir/extents"
refused 2:usage:false 'preallocated' "$good" -oa preallocated
refused 1:unsupported:false 'not a|format|qcow2' "$good" -of qcow2
run_expecting 2:usage:false v2v-nbdkit-launch --run true \
    --changed-extents "$tmpdir/extents" "$tmpdir/disk"
run_expecting 2:usage:false v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
    --changed-extents "$tmpdir/nowhere" "$tmpdir/disk"
expect_error 'nowhere.*No such file'
echo "$good" >"$tmpdir/extents"
run_expecting 1:write:false v2v-nbdkit-launch -os "$tmpdir/out" -on other \
    --changed-extents "$tmpdir/extents" "$tmpdir/disk"
expect_error 'other-sda: No such file'
expect_hint 'copy the whole disk first'
truncate -s 5M "$tmpdir/out/larger-sda"
run_expecting 1 v2v-nbdkit-launch -os "$tmpdir/out" -on larger \
    --changed-extents "$tmpdir/extents" "$tmpdir/disk"
expect_error '5242880 bytes, but the source has 4194304'
for size in 3M 5M; do
    qemu-img create -q -f qcow2 "$tmpdir/out/image-sda" $size
    run_expecting 1:source-changed:false v2v-nbdkit-launch \
        -os "$tmpdir/out" -on image -of qcow2 \
        --changed-extents "$tmpdir/extents" "$tmpdir/disk"
    expect_error "image-sda has $((${size%M} << 20)) bytes, but the source has"
done
# An image with a backing file is not a copy of a disk.
qemu-img create -q -f qcow2 -F raw -b "$tmpdir/out/guest-sda" \
    "$tmpdir/out/overlay-sda"
run_expecting 1 v2v-nbdkit-launch -os "$tmpdir/out" -on overlay -of qcow2 \
    --changed-extents "$tmpdir/extents" "$tmpdir/disk"
expect_error 'refers to another file'
expect_untouched
expect_nothing_left
