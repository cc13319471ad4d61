#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of ext file systems that were made larger or smaller.
. ./functions.sh
. "$abs_srcdir/filesystem/ext.sh"
requires_program resize2fs

# resized FROM TO ARGUMENT...: a file system that is filled, and resized.
resized ()
{
    local from=$1 to=$2

    shift 2
    echo "== $from $to $*" >&2
    make_ext "$from" "$@"
    fill_ext 10
    e2fsck -fy "$volume" >&2
    [ "${to%M}" -lt "${from%M}" ] || truncate --size="$to" "$volume"
    resize2fs "$volume" "$to" >&2
    expect_free
    fill_ext 8
    expect_free
}

resized 60M 300M -t ext4 -b 1024
resized 300M 60M -t ext4 -b 1024
resized 100M 700M -t ext4 -b 4096 -O ^flex_bg
resized 700M 90M -t ext4 -b 4096
# No place is reserved for more group descriptors.
resized 60M 500M -t ext4 -b 1024 -O ^resize_inode
resized 60M 500M -t ext4 -b 1024 -O meta_bg,^resize_inode
resized 300M 100M -t ext4 -b 1024 -O sparse_super2
resized 60M 300M -t ext3 -b 1024

# Larger group descriptors.
make_ext 100M -t ext4 -b 1024 -O ^64bit,^resize_inode
fill_ext 10
e2fsck -fy "$volume" >&2
resize2fs -b "$volume" >&2
expect_free
