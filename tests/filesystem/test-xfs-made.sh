#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of file systems of each shape that mkfs.xfs makes.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"

while read -r size arguments; do
    echo "== $size $arguments" >&2
    # Versions of mkfs.xfs differ in what they know.
    # shellcheck disable=SC2086
    if ! make_xfs "$size" $arguments; then
        cat "$tmpdir/logs/mkfs" >&2
        continue
    fi
    made=$((${made-0} + 1))
    expect_free
done <<'EOF'
300M
16M -d agcount=1
16M -m crc=0 -d agcount=1
64M -m crc=0 -b size=512
64M -m crc=0 -b size=512 -l lazy-count=0
64M -m crc=0 -l version=1
64M -m crc=0 -l su=32768 -n ftype=1
256M -m crc=0 -b size=65536 -l size=10m
64M -b size=1024 -l size=6m
128M -b size=2048 -m rmapbt=1 -l size=10m
300M -b size=65536 -l size=32m
64M -s size=4096 -l size=10m
128M -s size=4096 -b size=8192 -m rmapbt=1,reflink=1,finobt=1 -l size=24m
300M -s size=32768 -b size=65536 -l size=32m
64M -m reflink=0 -l size=6m
64M -m reflink=0,finobt=0 -l size=6m
64M -m bigtime=0,inobtcount=0 -l size=6m
64M -i nrext64=1 -l size=6m
64M -i exchange=1 -n parent=1 -l size=6m
64M -i sparse=0 -l size=6m
256M -l su=262144 -l size=20m
64M -l agnum=0,size=6m
64M -l agnum=2,size=6m
256M -d su=64k,sw=4 -l size=10m
1G -d agcount=50 -l size=10m
512M -d agsize=16m -l size=6m
1T -l size=32m
1T -d agcount=1100 -l size=32m
8T -l size=32m
EOF
expect test "$made" -ge 26
