#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free clusters of an NTFS file system on which files and the MFT are in so
# many runs that their records need lists of attributes, before and after
# ntfsresize has moved them.
. ./functions.sh
. "$abs_srcdir/filesystem/ntfs.sh"
requires_program ntfsresize
requires_ntfs_mount

# Files fill the volume; every other one goes, and what comes then has to fit
# in between.
fragment ()
{
    python3 - "$mounted" <<'END'
import os
import sys

top = sys.argv[1]
names = []
try:
    while True:
        names.append(f"{top}/{len(names)}")
        with open(names[-1], "wb") as out:
            out.write(os.urandom(8000))
except OSError:
    pass
for name in names[1::2]:
    if os.path.exists(name):
        os.unlink(name)
with open(f"{top}/in pieces", "wb") as out:
    for _ in range(400):
        out.write(os.urandom(16000))
for n in range(1200):
    with open(f"{top}/small {n}", "wb") as out:
        out.write(bytes(700))
END
}

make_ntfs 30M -c 2048 -z 1
with_mount fragment
expect_kept
# Records that are continued in others were there.
expect test "$("$ntfs_edit" "$volume" continued)" -gt 3
with_mount rm "$mounted/in pieces"
expect_kept
with_mount find "$mounted" -name '[0-9]*[02468]' -delete

# resize SIZE: of the file system and what it is on.  Windows has to check what
# ntfsresize has done, which says so; what it has done is right.
resize ()
{
    [ "$(stat -c %s "$volume")" -gt "$1" ] || truncate --size="$1" "$volume"
    yes | ntfsresize -f -s "$1" "$volume" >&2
    truncate --size="$1" "$volume"
    expect_doubt 'marked as dirty'
    "$ntfs_edit" "$volume" flags 0
    expect_kept
}

resize 24000000
resize 102400000
