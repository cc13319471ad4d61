#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused on a snapshot of a disk whose file system is mounted, or that
# has to be checked: all of it is copied, and a message says why.
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program mke2fs debugfs

# expect_copied_whole DISK
expect_copied_whole ()
{
    copy_from http "$1"
    expect_same "$1" "$tmpdir/out/guest-sda"
    expect test "$(jq '.disks[0].bytes_unused // 0' "$result_file")" = 0
}

# snapshot KIND SIZE MKFS...: of a volume that somebody writes to.
snapshot ()
{
    format_volume "$1" "$tmpdir/volume" "${@:2}"
    if ! can_mount "$1" "$tmpdir/volume"; then
        tried=no
        return 0
    fi
    live_in "$1" "$tmpdir/volume"
    mount_volume "$1" "$tmpdir/volume"
    echo new >"$mnt/file"
    sync -f "$mnt"
    echo newer >"$mnt/another file"
    sync "$mnt/another file"
    cp --sparse=always "$tmpdir/volume" "$tmpdir/snapshot"
    unmount
    expect_copied_whole "$tmpdir/snapshot"
}

tried=yes
snapshot ext 24M mke2fs -q -F -t ext4
snapshot ext 24M mke2fs -q -F -t ext2
snapshot xfs 32M mkfs.xfs -q -l size=4m -m reflink=0

# What says of itself that it has errors.
make_volume ext "$tmpdir/volume" 24M mke2fs -q -F -t ext4
debugfs -w -R 'set_super_value state 2' "$tmpdir/volume" \
    >>"$tmpdir/logs/debugfs" 2>&1
expect_copied_whole "$tmpdir/volume"

# Windows' mark of a volume that has to be checked (ntfsfix sets it).
if (requires_ntfs; requires_program mkntfs ntfsfix) 2>/dev/null; then
    make_volume ntfs "$tmpdir/volume" 24M mkntfs -q -Q -F
    ntfsfix "$tmpdir/volume" >>"$tmpdir/logs/ntfsfix"
    expect_copied_whole "$tmpdir/volume"
fi

# A hibernated system's memory.
truncate -s 4M "$tmpdir/swap"
mkswap "$tmpdir/swap" >>"$tmpdir/logs/mkfs" 2>&1
write_random "$tmpdir/swap" 4096 4000000
printf S1SUSPEND | write_from "$tmpdir/swap" 4086 9
expect_copied_whole "$tmpdir/swap"

[ $tried = yes ] || skip "nothing can be mounted here: $why_not"
