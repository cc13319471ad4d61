#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file system that was in use when its blocks were taken: none of them is
# free, whatever it was that stopped it.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"
requires_xfs

not_unmounted='not cleanly unmounted: its log is dirty'

live ()
{
    mkdir -p "$mounted/$1"
    for _ in {1..50}; do
        head -c "$((RANDOM * 3))" /dev/urandom >"$mounted/$1/$RANDOM"
    done
}

make_xfs 128M -l size=6m
expect_free
mount_xfs
live written
sync -f "$mounted"
expect_doubt "$not_unmounted"

# What snapshots of a running guest are taken of.
xfs_freeze -f "$mounted"
expect_doubt "$not_unmounted"
xfs_freeze -u "$mounted"

# What a guest does that shuts down while programs keep its root busy.
mount -o remount,ro "$mounted"
sync -f "$mounted"
expect_free
mount -o remount,rw "$mounted"
live again
xfs_io -x -c 'shutdown -f' "$mounted"
umount "$mounted"
expect_doubt "$not_unmounted"

# Recovery is like any other mounting, and its end.
mount_xfs
sync -f "$mounted"
umount "$mounted"
expect_free
expect_unneeded
