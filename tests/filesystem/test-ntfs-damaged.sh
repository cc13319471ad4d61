#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An NTFS volume whose metadata contradict each other counts as used: above
# all, when a cluster of a file is marked as free.
. ./functions.sh
. "$abs_srcdir/filesystem/ntfs.sh"

make_ntfs 30M
for n in 1 2 3; do
    seq "${n}00000" >"$tmpdir/file"
    ntfscp -f "$volume" "$tmpdir/file" "file $n" >&2
done
expect_free
file=$("$ntfs_edit" "$volume" clusters 65)
free=$("$ntfs_edit" "$volume" free | tail -n 1)
free=$((${free% *} / 4096))

edited 'clusters of file record 65 are marked as free' cluster "$file" 0
edited '[0-9]* clusters are marked as used, but its files use' \
    cluster "$((free + 3))" 1
edited 'boot area is marked as free' cluster 0 0
for system in 0 1 2 6 10; do
    edited "clusters of file record $system are marked as free" \
        cluster "$("$ntfs_edit" "$volume" clusters "$system")" 0
done

edited 'file record 65 is in use and marked as free' record 65 0
edited 'file record 65 is damaged' tear 65
edited 'metadata is damaged: .*multi-sector transfer' tear 6
edited 'metadata is damaged: .*MFTMirr does not match' mirror

edited 'not have an NTFS boot sector' boot 3 00
edited 'sector size of 768 bytes' boot 11 0003
edited 'sector size of 256 bytes' boot 11 0001
for size in 00 03 81 c8 ef f0 fe ff; do
    edited 'unknown cluster size' boot 13 "$size"
done
for size in 00 1f 80 e0 e1 ef ff; do
    edited 'unknown record size' boot 64 "$size"
    edited 'unknown record size' boot 68 "$size"
done
edited 'larger than its partition' boot 40 01f0000000000000
edited 'larger than its partition' boot 40 ffffffffffffffff
edited 'larger than its partition' boot 40 0000000000000000
edited 'MFT outside the volume' boot 48 0000000000000000
edited 'MFT outside the volume' boot 48 0000000000000080
edited 'MFT outside the volume' boot 56 ffffffffffffff7f
# A boot sector that is right by itself, but not for this volume.
edited '.' boot 13 10
edited '.' boot 40 0020000000000000

# The partition is smaller than the file system, by a sector.
truncate --size=$((30 * 1048576 - 512)) "$volume"
expect_free
truncate --size=$((30 * 1048576 - 1024)) "$volume"
expect_doubt 'larger than its partition'
truncate --size=100 "$volume"
expect_doubt 'larger than its partition'
