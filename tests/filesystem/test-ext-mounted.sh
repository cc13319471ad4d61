#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A snapshot of a mounted ext4 or ext2 file system: nothing is free.  When it
# was frozen for the snapshot, its maps count, also with files that were
# deleted while they are open.
. ./functions.sh
. "$abs_srcdir/filesystem/ext.sh"
requires_program fsfreeze

# Snapshots of $volume as it is and frozen, with a file that is deleted but
# open, and blocks that are still in the page cache.
take_snapshots ()
{
    local fd

    "$fill" "$test_seed" "$mounted" 8
    random_bytes deleted | head -c 3M >"$mounted/deleted"
    exec {fd}<"$mounted/deleted"
    rm "$mounted/deleted"
    sync -f "$mounted"
    random_bytes new | head -c 1M >"$mounted/new"
    cp --sparse=always "$volume" "$tmpdir/running"
    fsfreeze --freeze "$mounted"
    cp --sparse=always "$volume" "$tmpdir/frozen" || :
    fsfreeze --unfreeze "$mounted"
    exec {fd}<&-
}

compare_files ()
{
    (cd "$mounted" && find . -type f -print0 | LC_ALL=C sort -z |
         xargs -0r sha256sum) >"$tmpdir/found"
}

kinds=('-t ext4 -O ^orphan_file' '-t ext4 -O orphan_file' '-t ext2')
# Before e2fsprogs 1.47 there is no orphan_file.
truncate --size=9M "$tmpdir/try"
mke2fs -q -F -O orphan_file "$tmpdir/try" 2>/dev/null ||
    kinds=('-t ext4' '-t ext2')

for arguments in "${kinds[@]}"; do
    # shellcheck disable=SC2086
    make_ext 100M $arguments
    with_mount take_snapshots || skip "ext4 cannot be mounted here"
    with_mount compare_files
    cp "$tmpdir/found" "$tmpdir/wanted"

    volume=$tmpdir/running
    expect_doubt 'not cleanly unmounted'
    volume=$tmpdir/frozen
    if [ "$arguments" = '-t ext2' ]; then
        expect_doubt 'not cleanly unmounted'
        continue
    fi
    dumpe2fs -h "$volume" >"$tmpdir/header" 2>/dev/null
    expect grep -q -e 'First orphan inode' -e orphan_present "$tmpdir/header"
    "$free_runs" --overwrite ext4 "$volume" >"$tmpdir/ours" ||
        fail "$(<"$tmpdir/ours")"
    expect test -s "$tmpdir/ours"
    # The next mount frees the blocks of the deleted file.
    with_mount compare_files
    expect_same "$tmpdir/wanted" "$tmpdir/found"
    e2fsck -fn "$volume" >&2 || fail "e2fsck finds errors"
done
