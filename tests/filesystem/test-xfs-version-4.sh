#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of a fragmented file system of version 4, which recent
# kernels do not mount, and whose metadata have no checksums.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"

for arguments in '-b size=512' '-b size=512 -l version=1,size=6m' \
                 '-b size=1024 -d agcount=3'; do
    # shellcheck disable=SC2086
    make_fragmented_xfs -m crc=0 $arguments
    expect_free
    expect test "$(wc -l <"$tmpdir/ours")" -ge 600
    expect_unneeded
done

# Without lazy counters, xfs_repair does not write down how many blocks the
# btrees have, but the superblock counts them as free.
make_fragmented_xfs -m crc=0 -b size=512 -l lazy-count=0
expect_doubt 'its superblock counts [0-9]* free blocks, its allocation groups'
