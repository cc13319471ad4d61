#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of file systems with and without the features that change
# where metadata are and how blocks are counted.
. ./functions.sh
. "$abs_srcdir/filesystem/ext.sh"

while read -r size megabytes arguments; do
    echo "== $arguments" >&2
    # shellcheck disable=SC2086
    make_ext "$size" $arguments
    fill_ext "$megabytes"
    expect_free
done <<'EOF'
200M 12 -t ext4
200M 12 -t ext4 -b 4096 -O ^64bit
200M 12 -t ext4 -b 4096 -O ^flex_bg
200M 12 -t ext4 -O ^metadata_csum,uninit_bg
200M 12 -t ext4 -O ^metadata_csum,^uninit_bg
200M 12 -t ext4 -O bigalloc
200M 12 -t ext4 -b 1024 -O bigalloc -C 8192
200M 12 -t ext4 -b 1024 -O meta_bg,^resize_inode
200M 12 -t ext4 -b 1024 -O meta_bg,^resize_inode,^flex_bg
200M 12 -t ext4 -b 1024 -O sparse_super2
200M 12 -t ext4 -O sparse_super2 -E num_backup_sb=1 -b 1024
200M 12 -t ext4 -O ^sparse_super,^resize_inode -b 1024
200M 12 -t ext4 -O inline_data -I 512
200M 12 -t ext4 -O large_dir,ea_inode -E lazy_itable_init=0
200M 12 -t ext4 -b 1024 -G 64 -E packed_meta_blocks=1
200M 12 -t ext4 -g 2048 -b 4096
200M 12 -t ext4 -O ^has_journal
200M 12 -t ext4 -O metadata_csum_seed
200M 12 -t ext3
200M 12 -t ext2
EOF

# Not every kernel mounts these, and it takes its time.
make_ext 200M -t ext4 -O mmp,quota,project,casefold,encrypt,verity
expect_free
