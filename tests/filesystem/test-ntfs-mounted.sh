#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Snapshots of an NTFS volume while files are written and deleted.  ntfs-3g
# leaves no mark on a volume that it has mounted: what its files have and what
# is marked as used tell whether the map can be relied on.
. ./functions.sh
. "$abs_srcdir/filesystem/ntfs.sh"
requires_ntfs_mount

make_ntfs 100M -c 1024
mount_ntfs
"$ntfs_fill" "$test_seed" "$mounted" 12 &
filler=$!
snapshots=0
while is_running $filler && [ $snapshots -lt 5 ]; do
    sleep 0.2
    snapshots=$((snapshots + 1))
    # At one moment, as a snapshot is.
    kill -STOP "$ntfs_pid"
    cp --sparse=always "$volume" "$tmpdir/snapshot.$snapshots"
    kill -CONT "$ntfs_pid"
done
wait $filler
unmount_ntfs
expect_kept

doubts=0
for ((i = 1; i <= snapshots; i++)); do
    volume=$tmpdir/snapshot.$i
    status=0
    "$free_runs" ntfs "$volume" >"$tmpdir/ours" || status=$?
    if [ $status = 3 ]; then
        grep 'marked' "$tmpdir/ours" >&2
        doubts=$((doubts + 1))
    else
        expect_kept
    fi
    rm "$volume"
done
echo "$snapshots snapshots, $doubts doubts" >&2
expect test $snapshots -gt 1
