#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused on a disk that is an ext2, ext3 or ext4 file system: all that
# is in use is copied, and little else (V2V_TEST_LONG=1: many shapes of it).
[ -z "${V2V_TEST_LONG-}" ] || : "${V2V_TEST_TIMEOUT:=3600}"
export V2V_TEST_TIMEOUT
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program mke2fs e2fsck dumpe2fs qemu-img

try_shapes ext <<'END'
quick 64M mke2fs -q -F -t ext4 -b 4096
quick 48M mke2fs -q -F -t ext2 -b 1024
long 512M mke2fs -q -F -t ext4
long 256M mke2fs -q -F -t ext3 -b 1024
long 256M mke2fs -q -F -t ext3 -b 2048
long 1G mke2fs -q -F -t ext4 -b 65536
long 256M mke2fs -q -F -t ext4 -b 16384
long 256M mke2fs -q -F -t ext4 -O bigalloc
long 512M mke2fs -q -F -t ext4 -b 4096 -O bigalloc -C 65536
long 512M mke2fs -q -F -t ext4 -b 1024 -O bigalloc -C 4096
long 256M mke2fs -q -F -t ext4 -O 64bit
long 256M mke2fs -q -F -t ext4 -O ^64bit
long 512M mke2fs -q -F -t ext4 -b 1024 -O meta_bg,^resize_inode
long 512M mke2fs -q -F -t ext4 -b 1024 -O meta_bg,^resize_inode,^flex_bg
long 512M mke2fs -q -F -t ext4 -O ^flex_bg
long 512M mke2fs -q -F -t ext4 -b 1024 -G 64
long 512M mke2fs -q -F -t ext4 -O ^metadata_csum,uninit_bg
long 512M mke2fs -q -F -t ext4 -O ^metadata_csum,^uninit_bg
long 512M mke2fs -q -F -t ext4 -b 1024 -g 1024
long 512M mke2fs -q -F -t ext4 -b 1024 -O sparse_super2,^resize_inode
long 256M mke2fs -q -F -t ext4 -b 1024 -O ^sparse_super,^resize_inode
long 256M mke2fs -q -F -t ext4 -O inline_data -I 512
long 256M mke2fs -q -F -t ext4 -O quota,project -I 256
long 256M mke2fs -q -F -t ext4 -O orphan_file
long 256M mke2fs -q -F -t ext4 -O ^has_journal
long 256M mke2fs -q -F -t ext4 -O casefold
long 256M mke2fs -q -F -t ext4 -O encrypt,verity
long 256M mke2fs -q -F -t ext4 -O ea_inode,large_dir -N 100000
long 256M mke2fs -q -F -t ext4 -E stride=16,stripe_width=64
long 4G mke2fs -q -F -t ext4 -O bigalloc -C 1048576
long 3G mke2fs -q -F -t ext4
END
is_long || exit 0

# Grown and shrunk, and lived in each time.
for options in '-b 1024' '-b 4096 -O meta_bg,^resize_inode' \
               '-O ^flex_bg,^metadata_csum' \
               '-b 1024 -O sparse_super2,^resize_inode'; do
    # shellcheck disable=SC2086 # It is split into words intentionally.
    make_volume ext "$tmpdir/volume" 100M mke2fs -q -F -t ext4 $options
    for size in 400M 150M; do
        truncate -s '>500M' "$tmpdir/volume"
        resize2fs "$tmpdir/volume" $size >>"$tmpdir/logs/mkfs" 2>&1
        e2fsck -fy "$tmpdir/volume" >>"$tmpdir/logs/fsck" 2>&1 || [ $? = 1 ]
        if [ -e "$tmpdir/volume.digests" ]; then
            live_in ext "$tmpdir/volume" 5
        fi
        list_free ext "$tmpdir/volume"
        # What is behind the file system is not its own: it is copied.
        try_volume http "$tmpdir/volume"
    done
done
