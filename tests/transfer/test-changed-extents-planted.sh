#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents writes to a copy that is ours, and through no link, hard
# link or file that another user may have put into -os.
. ./functions.sh

requires_other_user
requires_plugin file
requires_program qemu-io
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out" "$tmpdir/victim" "$tmpdir/mine"
echo '[{"start":0,"length":65536}]' >"$tmpdir/extents"

# run FORMAT STATUS ARGUMENT...
run ()
{
    run_expecting "$2" v2v-nbdkit-launch -o disk -os "$storage" -on guest \
        -of "$1" --changed-extents "$tmpdir/extents" "$tmpdir/disk"
}

# an_image FORMAT FILE: an older copy of the disk.
an_image ()
{
    qemu-img convert -f raw -O "$1" "$tmpdir/disk" "$2"
    qemu-io -f "$1" -c 'write -P 7 0 64k' "$2" >&2
    chmod 600 "$2"
}

refused ()
{
    run $format "$1"
    expect_error "guest-sda $2"
    expect_untouched
    expect test "$(ls -A "$storage")" = guest-sda
    rm "$storage/guest-sda"
}

storage=$tmpdir/out
for format in raw qcow2; do
    for mode in 1777 0777 2775; do
        chmod $mode "$storage"
        chgrp 12345 "$storage"
        an_image $format "$tmpdir/victim/image"
        remember "$tmpdir/victim/image"
        other ln -s "$tmpdir/victim/image" "$storage/guest-sda" 2>/dev/null ||
            continue
        refused 1:target-changed:false 'is a symbolic link'
        ln "$tmpdir/victim/image" "$storage/guest-sda"
        refused 1:target-changed:false 'has several names'
        other mkfifo -m 666 "$storage/guest-sda"
        refused 1:write:false 'is not a regular file'
        other cp "$tmpdir/disk" "$storage/guest-sda"
        refused 1:target-changed:false 'belongs to another user'
        an_image $format "$storage/guest-sda"
        run $format 0
        expect_same_image raw "$tmpdir/disk" $format "$storage/guest-sda"
        rm "$storage"/*
    done
done

# In a directory that only we can write to a link of ours may be followed.
storage="$tmpdir/mine"
for format in raw qcow2; do
    an_image $format "$tmpdir/victim/image"
    ln -s "$tmpdir/victim/image" "$storage/guest-sda"
    run $format 0
    expect test -L "$storage/guest-sda"
    expect_same_image raw "$tmpdir/disk" $format "$tmpdir/victim/image"
    rm "$storage/guest-sda"
    run $format 1:write:false
    expect_hint 'copy the whole disk first'
done
expect_nothing_left
