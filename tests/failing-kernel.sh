# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of a kernel that cannot write back what it took: loop devices whose
# image is on a tmpfs that is full, with only some of its blocks allocated.
# Writing to the others succeeds, and fails later.  Sourced after functions.sh.

requires_root
requires_program losetup fallocate blockdev
full=$tmpdir/full

# make_full_image SIZE OFFSET:LEN...: make $full/image, of SIZE bytes, all
# zeroes; only these ranges of it can be written until mend_loop is called.
# All numbers are multiples of 4096.
make_full_image ()
{
    local size=$1 range sum=0

    for range in "${@:2}"; do
        sum=$((sum + ${range#*:}))
    done
    full+=+
    mkdir "$full"
    # One page is for the file that fills it.
    requires mount -t tmpfs -o size=$((sum + 65536)) none "$full"
    cleanup_fn umount -l "$full"
    truncate -s "$size" "$full/image"
    for range in "${@:2}"; do
        fallocate -o "${range%:*}" -l "${range#*:}" "$full/image"
    done
    fill_loop
}

# make_full_loop SIZE OFFSET:LEN...: the same, and make it loop_device.
make_full_loop ()
{
    make_full_image "$@"
    make_loop "$full/image"
}

# fill_loop, mend_loop: nothing more can be allocated; something can.
fill_loop () { dd if=/dev/zero of="$full/rest" bs=4096 2>/dev/null || :; }
mend_loop ()
{
    rm "$full/rest"
    mount -o remount,size=1G "$full"
}

# forget_cache: what is read from loop_device comes from its image.
forget_cache () { blockdev --flushbufs "$loop_device"; }
