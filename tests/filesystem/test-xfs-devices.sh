#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# File systems that are not on one volume, or that have another size than it.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"

truncate -s 64M "$tmpdir/other"
make_xfs 64M -l "logdev=$tmpdir/other,size=16m"
expect_doubt 'log is on another device'

make_xfs 64M -l size=6m -r "rtdev=$tmpdir/other"
expect_doubt 'it has a realtime device'

make_xfs 64M -l size=6m
expect_free
cp "$tmpdir/ours" "$tmpdir/before"
truncate -s 65M "$volume"
expect_free
expect_same "$tmpdir/before" "$tmpdir/ours"
truncate -s $((64 * 1024 * 1024 - 512)) "$volume"
expect_doubt 'it is larger than its partition or volume'
truncate -s 100 "$volume"
expect_doubt 'superblock is damaged'
