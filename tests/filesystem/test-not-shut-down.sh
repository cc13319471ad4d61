#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest that was not shut down needs what is in its swap spaces, and one that
# is hibernated all that its memory refers to: on whichever disk the sign of
# that is.
. ./functions.sh
PATH=$PATH:/usr/sbin:/sbin

requires_program mkswap mke2fs debugfs
list=$abs_builddir/list-filesystems
make_volumes ()
{
    truncate -s 16M "$tmpdir/swap" "$tmpdir/other" "$tmpdir/ext"
    mkswap "$tmpdir/swap" >/dev/null 2>&1
    mkswap "$tmpdir/other" >/dev/null 2>&1
    mke2fs -q -F -t ext4 "$tmpdir/ext"
}

# expect_found DISK... -- LINE...: of these disks there is each of these lines.
expect_found ()
{
    local disks=() line

    while [ "$1" != -- ]; do
        disks+=("$tmpdir/$1")
        shift
    done
    shift
    "$list" "${disks[@]}" >"$tmpdir/found" || fail "$list"
    for line; do
        expect grep -q -e "$line" "$tmpdir/found"
    done
}

make_volumes
expect_found swap other ext -- 'sda.*swap' 'sdb.*swap' 'sdc.*ext4'
expect_not grep -q -e 'not shut down' -e hibernated "$tmpdir/found"

# In use: the swap spaces, but not the other file systems.
cp "$tmpdir/ext" "$tmpdir/mounted"
debugfs -w -R 'feature needs_recovery' "$tmpdir/mounted" >/dev/null 2>&1
expect_found swap ext mounted -- 'sda.*the guest was not shut down' \
    'sdc.*was not cleanly unmounted'
expect_not grep -q -e 'sdb.*shut down' "$tmpdir/found"

# Hibernated: everything, also where it was unmounted.
printf 'S1SUSPEND\0' |
    dd of="$tmpdir/swap" bs=1 seek=4086 conv=notrunc status=none
expect_found ext other swap -- 'sda.*the guest is hibernated' \
    'sdb.*the guest is hibernated' 'sdc.*the memory of a hibernated system'
