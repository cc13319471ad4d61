#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An NTFS volume that Windows has not closed, or on which the file system does
# not know all that is in use, is not asked what is free.
. ./functions.sh
. "$abs_srcdir/filesystem/ntfs.sh"

make_ntfs 30M
seq 100000 >"$tmpdir/file"
ntfscp -f "$volume" "$tmpdir/file" file >&2
expect_free

# Flags: dirty, the journal is to be resized, an upgrade is due, the USN
# journal is being deleted, object IDs, unknown ones, chkdsk runs and has run.
edited 'dirty' flags 0x0001
edited 'dirty' flags 0x8081
for flag in 0x0002 0x0004 0x0010 0x0020 0x0040 0x0100 0x2000 0x4000 0x8000; do
    edited "unfinished work on it .*$flag" flags "$flag"
done
# Was mounted on NT 4; short names are off.
edited '' flags 0x0088

for version in '1 1' '2 0' '3 2' '4 0'; do
    # shellcheck disable=SC2086
    edited "its version, ${version/ /.}," version $version
done
edited '' version 1 2
edited '' version 3 0

# The journal: as Windows leaves it, after a crash, hibernated or kept for fast
# startup (also on the volumes that do not have the file), while in use.
edited '' journal 1 1
edited 'journal is not clean' journal 1 0
edited 'hibernated or shut down for fast startup' journal 2 1
edited 'hibernated or shut down for fast startup' journal 2 0

# Shadow copies: there were some; there are; there may be, elsewhere.
edited '' shadow 1
edited 'shadow copies' shadow 2
edited 'shadow copies' shadow 3
edited 'shadow copies' shadow 77
edited 'another volume may have shadow copies' storage

# hiberfil.sys: space for the next time, after resuming, hibernated (Windows 7,
# later ones), something else, and not all of the head.
while read -r head size name pattern; do
    echo "== $head $size $name" >&2
    make_ntfs 30M
    { printf %b "$head" && head -c "$size" /dev/zero; } >"$tmpdir/hiberfil"
    ntfscp -f "$volume" "$tmpdir/hiberfil" "$name" >&2
    if [ "$pattern" ]; then expect_doubt "$pattern"; else expect_free; fi
done <<'END'
\0\0\0\0 100000 hiberfil.sys
wake 100000 hiberfil.sys
WAKE 100000 hiberfil.sys
hibr 100000 hiberfil.sys hibernated, or was shut down for fast startup
HIBR 100000 HiberFil.SYS hibernated, or was shut down for fast startup
RSTR 100000 hiberfil.sys hibernated, or was shut down for fast startup
\0\0\0\0 1000 hiberfil.sys hibernated, or was shut down for fast startup
hibr 100000 hiberfil.txt
END
