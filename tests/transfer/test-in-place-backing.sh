#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place with -io allow-backing: qemu-nbd, which gets the image itself and
# no name of it, finds the files that the image names, relative ones too, and
# writes to a data file but to no backing file.
. ./functions.sh

requires_plugin file
requires_program qemu-io
dir="$tmpdir/a, b"
mkdir "$dir"
make_disk "$tmpdir/base" 2M
# Part of a cluster: the rest comes from the backing file.
change=(qemu-io -f raw -c 'write -P 7 1026k 4k')
cp "$tmpdir/base" "$tmpdir/expected"
"${change[@]}" "$tmpdir/expected" >/dev/null
cp "$tmpdir/base" "$dir/base,1"
(
    cd "$dir"
    qemu-img create -q -f qcow2 -F raw -b base,1 middle
    qemu-img create -q -f qcow2 -F qcow2 -b middle backing
    qemu-img create -q -f qcow2 -o data_file=data,,1 data 2M
    qemu-img convert -n -f raw -O qcow2 "$tmpdir/base" data
)
remember "$dir/base,1" "$dir/middle"
cd "$tmpdir"
for image in backing data; do
    run_expecting 0 v2v-nbdkit-launch --in-place -if qcow2 \
        -io allow-backing=true --convert \
        'qemu-io -f raw -c "write -P 7 1026k 4k" "$V2V_OVERLAY_URI_0"' \
        "a, b/$image"
    # qemu-img looks for a data file where it is run.
    expect env -C "$dir" qemu-img compare -q -f qcow2 -F raw $image \
        "$tmpdir/expected"
    expect_untouched
    expect_nothing_left
done
