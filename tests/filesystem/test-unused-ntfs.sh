#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused on a disk that is an NTFS file system: all that is in use is
# copied, and little else (V2V_TEST_LONG=1: many shapes of it).
[ -z "${V2V_TEST_LONG-}" ] || : "${V2V_TEST_TIMEOUT:=3600}"
export V2V_TEST_TIMEOUT
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program mkntfs ntfsinfo ntfscat ntfsresize qemu-img
requires_ntfs

# Up to 4096 bytes some of the files are compressed.
try_shapes ntfs <<'END'
quick 48M mkntfs -q -Q -F -c 4096
quick 32M mkntfs -q -Q -F -c 512
long 256M mkntfs -q -Q -F
long 128M mkntfs -q -Q -F -c 1024
long 128M mkntfs -q -Q -F -c 2048
long 256M mkntfs -q -Q -F -c 8192
long 256M mkntfs -q -Q -F -c 16384
long 256M mkntfs -q -Q -F -c 32768
long 512M mkntfs -q -Q -F -c 65536
long 200M mkntfs -q -Q -F -s 4096
long 100001K mkntfs -q -Q -F -c 4096
long 1G mkntfs -q -Q -F
END
is_long || exit 0

# Made smaller and larger.
make_volume ntfs "$tmpdir/volume" 200M mkntfs -q -Q -F
for size in 150M 260M; do
    truncate -s '>260M' "$tmpdir/volume"
    ntfsresize --force --force --no-progress-bar --size $size \
        "$tmpdir/volume" >>"$tmpdir/logs/mkfs" 2>&1 </dev/null
    ntfsfix --clear-dirty "$tmpdir/volume" >>"$tmpdir/logs/mkfs" 2>&1
    if [ -e "$tmpdir/volume.digests" ]; then
        live_in ntfs "$tmpdir/volume" 5
    fi
    list_free ntfs "$tmpdir/volume"
    try_volume http "$tmpdir/volume"
done
