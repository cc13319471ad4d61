#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What proves that no byte in use is left out of a copy notices each that is.
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program mke2fs debugfs dumpe2fs

volume=$tmpdir/volume copy=$tmpdir/copy

# zero_in_copy OFFSET LENGTH: as if these bytes had been left out.
zero_in_copy ()
{
    cp --sparse=always "$volume" "$copy"
    write_zeroes "$copy" "$1" "$2"
}

is_only_free ()
{
    "$lived_in/compare-used" "$volume" "$copy" "$volume.free" \
        >"$tmpdir/logs/compared" 2>&1
}
# In subshells, because what they call ends the test.
is_clean () { (expect_clean ext "$copy") 2>/dev/null; }
has_same_files () { (expect_same_files "$volume" "$copy") 2>/dev/null; }

make_volume ext "$volume" 32M mke2fs -q -F -t ext4 -b 4096
expect_clean ext "$volume"

# Without the free bytes it is the same file system.
cp --sparse=always "$volume" "$copy"
while read -r offset length; do
    write_zeroes "$copy" "$offset" "$length"
done <"$volume.free"
expect_only_free "$volume" "$copy"
expect test "$dropped" -gt 10000000
expect_dropped
expect test "$left" = 0
expect_whole_volume "$volume" "$copy"

# The runs next to the free ones are in use.
n=0
while read -r offset length && [ $((n += 1)) -le 5 ]; do
    for at in $((offset - 4096)) $((offset + length)); do
        # Where there are zeroes nothing is missed.
        [ -n "$(dd if="$volume" iflag=skip_bytes skip="$at" bs=4096 count=1 \
            status=none | tr -d '\0' | head -c 1 | od)" ] || continue
        zero_in_copy "$at" 4096
        expect_not is_only_free
        expect grep -q '^the used bytes at ' "$tmpdir/logs/compared"
    done
done <"$volume.free"
# What is free must not become anything else.
read -r offset length < <(sort -n -k2 "$volume.free" | tail -n 1)
cp --sparse=always "$volume" "$copy"
write_random "$copy" "$offset" 512
expect_not is_only_free
expect grep -q 'neither' "$tmpdir/logs/compared"

# A superblock, an inode, a directory, or a group's bitmap.
zero_in_copy 1024 1024
expect_not is_clean
for what in 'Inode table' 'Block bitmap' 'Inode bitmap'; do
    block=$(dumpe2fs "$volume" 2>/dev/null |
        sed -n "s/.*$what at \([0-9]*\).*/\1/p" | head -n 1)
    zero_in_copy $((block * 4096)) 4096
    expect_not is_clean
    expect_not is_only_free
done
block=$(debugfs -R 'blocks <2>' "$volume" 2>/dev/null | awk '{ print $1 }')
zero_in_copy $((block * 4096)) 4096
expect_not is_clean

# One block of one file.
if [ -e "$volume.digests" ]; then
    mount_volume ext "$volume" ro
    inode=$(find "$mnt" -type f -size +40k -printf '%i\n' | sort -n |
        head -n 1)
    unmount
    block=$(debugfs -R "blocks <$inode>" "$volume" 2>/dev/null |
        awk '{ print $2 }')
    zero_in_copy $((block * 4096)) 4096
    expect is_clean
    expect_not has_same_files
    expect_not is_only_free
fi
