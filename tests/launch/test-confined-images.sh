#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With -io allow-backing qemu opens the files that an image names, and those
# that they name, wherever they are and in whichever of its spellings, and no
# others; and a server that is named by one of these.
. ./functions.sh

requires_landlock 4
mkdir "$tmpdir/base, far" "$tmpdir/near"
make_disk "$tmpdir/base, far/base.img" 8M
(
    cd "$tmpdir/near"
    qemu-img create -q -f qcow2 -F raw -b "$tmpdir/base, far/base.img" a
    qemu-img create -q -f qcow2 -F qcow2 -b a b
    qemu-img create -q -f qcow2 -F qcow2 -b "./b" c
    qemu-io -f qcow2 -c 'write -P 5 3M 64k' b >/dev/null
    qemu-img create -q -f qcow2 -o data_file=data,data_file_raw=on d 8M
    qemu-img convert -n -f raw -O qcow2 "$tmpdir/base, far/base.img" d
    json='{"driver":"raw","file":{"driver":"file","filename":"%s"}}'
    # shellcheck disable=SC2059
    qemu-img create -q -f qcow2 -F raw -b \
        "json:$(printf "$json" "$tmpdir/base, far/base.img")" json
    qemu-img create -q -f qcow2 -F qcow2 -b json e
)
look_around nbdkit qemu-img qemu-nbd
change='qemu-io -c "write -P 7 1M 64k" "$V2V_OVERLAY_0"'
for image in c d e; do
    look_expecting 0 v2v-nbdkit-launch "$tmpdir/near/$image" \
        -io allow-backing=true -os "$tmpdir" --convert "$change"
    expect_looks no nbdkit qemu-img qemu-nbd
    cp "$tmpdir/near/$image" "$tmpdir/near/expected"
    (
        cd "$tmpdir/near"
        qemu-img convert -f qcow2 -O raw $image expected
        qemu-io -f raw -c 'write -P 7 1M 64k' expected >/dev/null
    )
    expect cmp "$tmpdir/$image-sda" "$tmpdir/near/expected"
done

start_nbdkit_tcp file "$tmpdir/base, far/base.img"
(
    cd "$tmpdir/near"
    qemu-img create -q -f qcow2 -F raw -b "nbd://127.0.0.1:$nbd_port" tcp
    qemu-img create -q -f qcow2 -F qcow2 -b tcp f
)
look_expecting 0 v2v-nbdkit-launch "$tmpdir/near/f" \
    -io allow-backing=true -os "$tmpdir"
expect cmp "$tmpdir/f-sda" "$tmpdir/base, far/base.img"
expect_nothing_left
