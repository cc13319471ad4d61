#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free clusters of NTFS file systems with clusters and sectors of all
# sizes, with compressed and sparse files, after most files were deleted.
. ./functions.sh
. "$abs_srcdir/filesystem/ntfs.sh"
requires_ntfs_mount

while read -r size megabytes arguments; do
    echo "== $size $arguments" >&2
    # shellcheck disable=SC2086
    make_ntfs "$size" $arguments
    with_mount "$ntfs_fill" "$test_seed" "$mounted" "$megabytes"
    expect_kept
done <<'END'
20M 2 -c 512
20M 2 -c 1024
30M 2 -c 2048
30M 2
30000001 2 -c 4096
30M 2 -c 4096 -s 1024
30M 2 -c 4096 -s 4096
40M 2 -c 8192 -s 2048
40M 2 -c 16384
60M 2 -c 32768
80M 2 -c 65536
120M 2 -c 131072
END
