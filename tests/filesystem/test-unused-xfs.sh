#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused on a disk that is an XFS file system: all that is in use is
# copied, and little else (V2V_TEST_LONG=1: many shapes of it).
[ -z "${V2V_TEST_LONG-}" ] || : "${V2V_TEST_TIMEOUT:=3600}"
export V2V_TEST_TIMEOUT
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program mkfs.xfs xfs_db xfs_repair qemu-img

try_shapes xfs <<'END'
quick 80M mkfs.xfs -q -l size=13m -m reflink=1,rmapbt=1
quick 48M mkfs.xfs -q -l size=4m -m crc=0 -b size=512
long 512M mkfs.xfs -q
long 512M mkfs.xfs -q -b size=1024
long 512M mkfs.xfs -q -b size=2048
long 512M mkfs.xfs -q -b size=4096 -m crc=0
long 256M mkfs.xfs -q -l size=16m -b size=1024 -m crc=0
long 256M mkfs.xfs -q -l size=16m -b size=2048 -m crc=0,finobt=0
long 1G mkfs.xfs -q -b size=65536
long 512M mkfs.xfs -q -m reflink=0
long 512M mkfs.xfs -q -m rmapbt=1,reflink=1,inobtcount=1,bigtime=1
long 512M mkfs.xfs -q -m finobt=0,reflink=0
long 512M mkfs.xfs -q -m finobt=1,rmapbt=0 -i sparse=0
long 1G mkfs.xfs -q -d agcount=60 -l size=16m
long 1G mkfs.xfs -q -d agcount=33 -l size=16m -b size=1024 -m rmapbt=1
long 512M mkfs.xfs -q -s size=4096
long 512M mkfs.xfs -q -i size=2048 -n size=16384
long 512M mkfs.xfs -q -i nrext64=1
long 1G mkfs.xfs -q -d su=64k,sw=4 -l size=16m
long 300000K mkfs.xfs -q -l size=16m,lazy-count=1
long 256M mkfs.xfs -q -l size=16m,lazy-count=0 -m crc=0
long 3G mkfs.xfs -q
END
is_long || exit 0

# Grown while it was mounted.
make_volume xfs "$tmpdir/volume" 300M mkfs.xfs -q -l size=16m
if [ -e "$tmpdir/volume.digests" ]; then
    truncate -s 1000M "$tmpdir/volume"
    mount_volume xfs "$tmpdir/volume"
    xfs_growfs "$mnt" >>"$tmpdir/logs/mkfs"
    unmount
    live_in xfs "$tmpdir/volume" 5
    list_free xfs "$tmpdir/volume"
    try_volume http "$tmpdir/volume"
fi

# Files may be on another device: nothing is said of this one.
truncate -s 512M "$tmpdir/volume"
truncate -s 256M "$tmpdir/realtime"
mkfs.xfs -q -f -r rtdev="$tmpdir/realtime" "$tmpdir/volume"
list_free xfs "$tmpdir/volume"
"$lived_in/mark-free" "$tmpdir/volume" "$tmpdir/volume.free"
copy_from http "$tmpdir/volume"
expect_same "$tmpdir/volume" "$tmpdir/out/guest-sda"
