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
30M 3 -c 512
30M 3 -c 1024
40M 4 -c 2048
64M 6
50000001 4 -c 4096
64M 6 -c 4096 -s 1024
64M 6 -c 4096 -s 4096
64M 6 -c 8192 -s 2048
64M 4 -c 16384
99M 4 -c 32768
200M 4 -c 65536
400M 3 -c 131072
END
