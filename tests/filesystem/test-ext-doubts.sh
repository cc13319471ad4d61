#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing of an ext file system is called free when its state, its features or
# its metadata leave a doubt.
. ./functions.sh
. "$abs_srcdir/filesystem/ext.sh"

fresh ()
{
    make_ext 60M -t ext4 -b 1024 "$@"
    fill_ext 8
}

# change REQUEST...: change something with debugfs, which keeps checksums right
change ()
{
    local request

    for request; do
        debugfs -w -R "$request" "$volume" >&2
    done
}

# poke OFFSET BYTE...: change bytes, given as two hexadecimal digits.
poke ()
{
    local offset=$1

    shift
    printf '%b' "${@/#/\\x}" |
        dd of="$volume" bs=1 seek="$((offset))" conv=notrunc status=none
}

fresh
change 'feature needs_recovery'
expect_doubt 'not cleanly unmounted'
change 'feature -needs_recovery' 'ssv state 0'
expect_doubt 'not cleanly unmounted'
change 'ssv state 3'
expect_doubt errors
change 'ssv state 1' 'ssv error_count 1'
expect_doubt errors
change 'ssv error_count 0'
expect_free

# A flag was taken away, but the journal is not empty.
journal=$(debugfs -R 'blocks <8>' "$volume" 2>/dev/null | cut -d' ' -f1)
poke "$journal * 1024 + 28" 00 00 00 01
expect_doubt journal
poke "$journal * 1024 + 28" 00 00 00 00 && poke "$journal * 1024" 00
expect_doubt journal
fresh -O ^has_journal
change 'feature has_journal' 'ssv journal_inum 0' 'ssv journal_dev 0x801'
expect_doubt 'journal is on another device'

# Features that nobody here knows.
fresh
for feature in 'feature_compat 0x4000003c' 'feature_incompat 0x400002c2' \
               'feature_ro_compat 0x4000046b' 'feature_ro_compat 0x000004eb'
do
    make_ext 8M -t ext4 -b 1024
    change "ssv $feature"
    expect_doubt 'unknown features'
done

# Counts: those of the groups and that of the superblock.
fresh
free=$(dumpe2fs -h "$volume" 2>/dev/null | sed -n 's/^Free blocks: *//p')
change "ssv free_blocks_count $((free - 1))"
expect_doubt "$free blocks are free, not $((free - 1))"
change "ssv free_blocks_count $((free + 1))"
expect_doubt 'blocks are free'
make_ext 60M -t ext2 -b 1024
change 'set_bg 3 free_blocks_count 5'
expect_doubt 'group 3 has'

# Checksums: of the superblock, of a group, of a bitmap.
fresh
byte=$(od -An -tu1 -j $((1024 + 0x178)) -N1 "$volume")
poke 1024+0x178 "$(printf %02x $((byte ^ 255)))"
expect_doubt 'checksum of its superblock'
fresh
change 'set_bg 2 checksum 0x1234'
expect_doubt 'checksum of group 2'
fresh
bitmap=$(dumpe2fs "$volume" 2>/dev/null |
             sed -n 's/^  Block bitmap at \([0-9]*\).*/\1/p' | sed -n 1p)
poke "$bitmap * 1024 + 1000" 55
expect_doubt 'checksum of the block bitmap of group 0'

# Without checksums: a bit that is free though a table is there; the same
# number of free blocks.  A group without a bitmap.
make_ext 60M -t ext2 -b 1024
table=$(dumpe2fs "$volume" 2>/dev/null |
            sed -n 's/^  Inode table at \([0-9]*\).*/\1/p' | sed -n 2p)
change "freeb $table" 'setb 16000'
expect_doubt 'group 1 marks metadata as free'
make_ext 60M -t ext2 -b 1024
change 'set_bg 2 flags 2'
expect_doubt 'group 2 has no block bitmap'
# The same block for two groups' bitmaps; a table outside of it.
make_ext 60M -t ext2 -b 1024
change "set_bg 2 block_bitmap $((table - 2))"
expect_doubt 'overlap'
make_ext 60M -t ext2 -b 1024
change 'set_bg 2 inode_table 61440'
expect_doubt 'outside'

# A file system that says it is larger than its partition.
fresh
truncate --size=59M "$volume"
expect_doubt 'larger than its partition'

# Multi-mount protection: somebody has it mounted.
make_ext 60M -t ext4 -b 1024 -O mmp
expect_free
mmp=$(dumpe2fs -h "$volume" 2>/dev/null |
          sed -n 's/^MMP block number: *//p')
poke "$mmp * 1024 + 4" 78 56 34 12
expect_doubt 'in use'

# Not a file system, and one that was cut off.
truncate --size=0 "$volume"
truncate --size=1M "$volume"
expect_doubt 'cannot be found'
truncate --size=1500 "$volume"
expect_doubt 'too small'
