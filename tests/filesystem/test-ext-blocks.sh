#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The free blocks of ext file systems with blocks from 1 to 64 KiB, and with
# sizes that are no whole number of blocks, clusters or groups.
. ./functions.sh
. "$abs_srcdir/filesystem/ext.sh"

while read -r size megabytes arguments; do
    echo "== $size $arguments" >&2
    # shellcheck disable=SC2086
    make_ext "$size" $arguments
    fill_ext "$megabytes"
    expect_free
done <<'EOF'
61M 12 -t ext4 -b 1024
53687K 12 -t ext4 -b 1024
129M 24 -t ext4 -b 2048
260M 24 -t ext4 -b 4096
300M 24 -t ext4 -b 65536
300M 24 -t ext2 -b 65536 -O ^has_journal
300M 24 -t ext4 -b 16384 -O bigalloc -C 65536
8197K 2 -t ext2 -b 1024
8215K 2 -t ext2 -b 1024
1001K 0.3 -t ext2
150003K 12 -t ext4 -O bigalloc -b 4096
EOF

# The kernel's first revision: no features, no sizes of inodes.
# mke2fs 1.47.2 has another option for that.
revision=(-r 0)
truncate -s 40M "$volume"
mke2fs -q -F -n -t ext2 "${revision[@]}" "$volume" >/dev/null 2>&1 ||
    revision=(-E revision=0)
make_ext 40M -t ext2 "${revision[@]}" -b 1024
fill_ext 8
expect_free

# The volume may be larger than the file system: the rest is in use.
make_ext 64M -t ext4
truncate --size=70M "$volume"
expect_free
