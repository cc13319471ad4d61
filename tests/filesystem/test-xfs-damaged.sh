#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Metadata that are not known, not whole, or contradict each other: no block is
# free.  xfs_db changes them, and makes the checksums right (-d) or not (-c).
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"

# try_changes: each line has the doubt, and what xfs_db is to do.
try_changes ()
{
    local doubt commands

    while IFS='|' read -r doubt commands; do
        cp --sparse=always "$tmpdir/good" "$volume"
        echo "== $commands" >&2
        tr ';' '\n' <<<"$commands" | xfs_db -x "$volume" \
            >"$tmpdir/logs/xfs_db" 2>&1
        expect_not cmp -s "$tmpdir/good" "$volume"
        expect_doubt "$doubt"
    done
}

make_fragmented_xfs -b size=1024 -l size=12m -m reflink=1,rmapbt=1
expect_free
mv "$volume" "$tmpdir/good"

features='it has unknown features'
log='its log is dirty'
headers='the headers of allocation group 1 are damaged'
list='the free space metadata of allocation group 0 is damaged'
try_changes <<EOF
$features (compat 0x1)|sb 0;write -d features_compat 1
$features (ro_compat 0x10)|sb 0;write -d features_ro_compat 0x1f
$features (incompat 0x100)|sb 0;write -d features_incompat 0x10b
$features (incompat 0x80000000)|sb 0;write -d features_incompat 0x80000001
it needs xfs_repair|sb 0;write -d features_incompat 0x1b
$log|sb 0;write -d features_log_incompat 1
mkfs.xfs was interrupted|sb 0;write -d inprogress 1
it has a realtime device|sb 0;write -d rblocks 100
it has a realtime device|sb 0;write -d rextents 100
log is on another device|sb 0;write -d logstart 0
its superblock counts 1 free blocks|sb 0;write -d fdblocks 1
superblock is damaged|sb 0;write -c fdblocks 1
superblock is damaged|sb 0;write -d blocklog 11
superblock is damaged|sb 0;write -d agcount 3
superblock is damaged|sb 0;write -d agcount 5
superblock is damaged|sb 0;write -d agcount 0
superblock is damaged|sb 0;write -d agblocks 16383
superblock is damaged|sb 0;write -d agblklog 15
superblock is damaged|sb 0;write -d logstart 0xffffffffffff
superblock is damaged|sb 0;write -d logblocks 17000
superblock is damaged|sb 0;write -d dblocks 49152
it is larger than its partition or volume|sb 0;write -d agcount 9;write -d dblocks 140000
its XFS version 3 is not known|sb 0;write -d versionnum 0xb4a3
$log|sb 0;write -d uuid 00000000-0000-0000-0000-000000000001
$headers|agf 1;write -d magicnum 1
$headers|agf 1;write -d versionnum 2
$headers|agf 1;write -d seqno 2
$headers|agf 1;write -d length 16000
$headers|agf 1;write -d bnolevel 0
$headers|agf 1;write -d bnolevel 10
$headers|agf 1;write -d bnoroot 0
$headers|agf 1;write -d bnoroot 16384
$headers|agf 1;write -d rmaproot 1
$headers|agf 1;write -d flfirst 5000
$headers|agf 1;write -d flcount 1
$headers|agf 1;write -d freeblks 16385
$headers|agf 1;write -d longest 16384
$headers|agf 1;write -d uuid 00000000-0000-0000-0000-000000000001
$headers|agf 1;write -d lsn 0x200000001
$headers|agf 1;write -c freeblks 2
$headers|agfl 1;write -c bno[0] 77
$headers|agfl 1;write -d seqno 0
$headers|agfl 1;write -d bno[0] 0
$headers|agfl 1;write -d bno[0] 20000
$headers|agfl 1;write -d bno[0] 0;write -d bno[1] 0
the free space metadata of allocation group 1 is damaged|agfl 1;write -d bno[0] 9000
the free space metadata of allocation group 1 is damaged|agf 1;write -d cntroot 9000
allocation group 1 has 2 free blocks by its header|agf 1;write -d freeblks 2;write -d longest 2
allocation group 1 has|agf 1;write -d longest 2
its superblock counts|agf 1;write -d btreeblks 9
$list|agf 0;write -d btreeblks 2
$list|agf 0;write -d bnolevel 1
$list|agf 0;write -d bnolevel 3
$list|agf 0;addr bnoroot;write -c keys[2].startblock 77
$list|agf 0;addr bnoroot;write -d magic 0x41425442
$list|agf 0;addr bnoroot;write -d level 2
$list|agf 0;addr bnoroot;write -d numrecs 0
$list|agf 0;addr bnoroot;write -d numrecs 2
$list|agf 0;addr bnoroot;write -d numrecs 500
$list|agf 0;addr bnoroot;write -d leftsib 5
$list|agf 0;addr bnoroot;write -d rightsib 5
$list|agf 0;addr bnoroot;write -d bno 0
$list|agf 0;addr bnoroot;write -d owner 1
$list|agf 0;addr bnoroot;write -d uuid 00000000-0000-0000-0000-000000000001
$list|agf 0;addr bnoroot;write -d lsn 0x200000001
$list|agf 0;addr bnoroot;write -d keys[2].startblock 1
$list|agf 0;addr bnoroot;write -d ptrs[2] 0
$list|agf 0;addr bnoroot;write -d ptrs[2] 16384
$list|agf 0;addr bnoroot;addr ptrs[2];write -d recs[1].startblock 1
$list|agf 0;addr bnoroot;addr ptrs[2];write -d recs[2].startblock 16383
$list|agf 0;addr bnoroot;addr ptrs[2];write -d recs[2].startblock 0xfffffff0
$list|agf 0;addr bnoroot;addr ptrs[2];write -d recs[2].blockcount 0
$list|agf 0;addr bnoroot;addr ptrs[2];write -d recs[2].blockcount 4
$list|agf 0;addr bnoroot;addr ptrs[2];write -d recs[2].blockcount 0xffffffff
$list|agf 0;addr bnoroot;addr ptrs[2];write -d rightsib 5
allocation group 0 has|agf 0;addr bnoroot;addr ptrs[2];write -d numrecs 5
EOF

# Without checksums.
make_fragmented_xfs -m crc=0 -b size=512
expect_free
mv "$volume" "$tmpdir/good"
root=$(xfs_db -r -c 'agf 0' -c 'print bnoroot' "$tmpdir/good")
root=${root#*= }
key=$(xfs_db -r -c 'agf 0' -c 'addr bnoroot' -c 'print keys[2].startblock' \
             "$tmpdir/good")
key=${key#*= }
try_changes <<EOF
$features (version 0x200)|sb 0;write versionnum 0xb6a4
$features (features2 0x1)|sb 0;write features2 0x28b
$list|agf 0;addr bnoroot;write keys[2].startblock $((key + 1))
$list|agf 0;addr bnoroot;write ptrs[2] $root
$list|agf 0;addr bnoroot;write level 0
$list|agf 0;addr bnoroot;addr ptrs[2];write level 1
$list|agf 0;addr bnoroot;addr ptrs[2];write leftsib $root
EOF
