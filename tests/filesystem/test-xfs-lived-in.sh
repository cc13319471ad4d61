#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of file systems that were filled, fragmented and emptied: no
# file needs them, nor does XFS itself.
. ./functions.sh
. "$abs_srcdir/filesystem/xfs.sh"
requires_xfs

while read -r size megabytes arguments; do
    echo "== $size $arguments" >&2
    # shellcheck disable=SC2086
    make_xfs "$size" $arguments
    # Blocks that are larger than a page need Linux 6.12.
    mount_xfs || continue
    lived_in=$((${lived_in-0} + 1))
    "$fill" "$test_seed" "$mounted" "$megabytes"
    punch_holes "$mounted/holes" "$megabytes"
    # Blocks that two files have, one of which is changed.
    cp --reflink=auto "$mounted/holes" "$mounted/again"
    dd if=/dev/urandom of="$mounted/again" bs=64K count=5 seek=4 \
        conv=notrunc status=none
    digests >"$tmpdir/before"
    umount "$mounted"
    expect_free
    expect test "$(wc -l <"$tmpdir/ours")" -ge 20
    expect_unneeded
    mount_xfs
    digests >"$tmpdir/after"
    umount "$mounted"
    expect_same "$tmpdir/before" "$tmpdir/after"
done <<'EOF'
96M 6 -l size=6m
96M 6 -b size=1024 -m rmapbt=1,reflink=1 -l size=10m
96M 6 -s size=4096 -m rmapbt=1,reflink=0 -l size=12m
320M 6 -b size=65536 -d agcount=2 -m reflink=0 -l size=72m
128M 6 -d agcount=8 -i sparse=0 -m reflink=0 -l size=6m
96M 6 -b size=2048 -m reflink=0,finobt=0 -n size=65536 -l su=32768,size=10m
EOF
expect test "$lived_in" -ge 5
