#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of file systems that have grown, and were made smaller.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"
requires_xfs

for arguments in '-m reflink=0' '-m rmapbt=1 -b size=2048'; do
    # shellcheck disable=SC2086
    make_xfs 64M -l size=12m $arguments
    for size in 70M 160M; do
        truncate -s "$size" "$volume"
        mount_xfs
        xfs_growfs "$mounted" >&2
        umount "$mounted"
        expect_free
    done
    mount_xfs
    "$fill" "$test_seed" "$mounted" 3
    # Within the last group, Linux can since 5.12.
    blocks=$(xfs_db -r -c 'sb 0' -c 'print dblocks' "$volume")
    xfs_growfs -D $((${blocks#*= } - 500)) "$mounted" >&2 || :
    umount "$mounted"
    expect_free
    expect_unneeded
done
