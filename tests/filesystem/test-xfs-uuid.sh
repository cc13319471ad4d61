#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file system that was given another UUID: the metadata keep the old one.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"

make_fragmented_xfs -l size=6m
xfs_db -x -c 'uuid generate' "$volume" >&2
expect_free
xfs_db -x -c 'uuid generate' "$volume" >&2
expect_free
make_fragmented_xfs -m crc=0
xfs_db -x -c 'uuid generate' "$volume" >&2
expect_free
