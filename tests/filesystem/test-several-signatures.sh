#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A volume that may be several things is in use, all of it: a file system and a
# partition table, two file systems, a partition that is partitioned.  A boot
# sector in front of a file system is none of these.
. ./functions.sh
. "$abs_srcdir/filesystem/volumes.sh"
requires_program mke2fs wipefs

make_ext () { mke2fs -q -F -t ext4 "$1"; }

# The boot sector that extlinux and GRUB write has no partitions.
new_disk
make_ext "$disk"
poke 510 '\125\252'
run_expecting 0 "$list_filesystems" "$disk"
expect_stdout '^0 sda ext4 67108864 [1-9][0-9]*$'

"$partition_table" "$disk" mbr 0 82,2048,8192
put_swap 1048576 4194304
whole 'it has a partition table and a file system'

# ReiserFS, at 64 KiB.
new_disk
make_ext "$disk"
poke 65548 '\022\0\0\0'
poke 65580 '\000\020'
poke 65588 ReIsErFs
run_expecting 0 "$list_filesystems" --ranges "$disk"
expect_no_stdout '^0 [0-9]'

# Of ZFS only the labels tell, which leave room for what was there before.
new_disk
make_ext "$disk"
for n in 0 1 2 3 4 5 6 7; do
    poke $((131072 + n * 1024)) '\014\261\272\000\000\000\000\000'
    poke $((131072 + n * 1024 + 8)) '\050\000\000\000\000\000\000\000'
done
# These are enough for libblkid before 2.41.
if [[ $(wipefs "$disk") = *zfs* ]]; then
    run_expecting 0 "$list_filesystems" --ranges "$disk"
    expect_no_stdout '^0 [0-9]'
fi

# A partition with partitions.
new_disk
"$partition_table" "$disk" mbr 0 83,2048,65536
put 1048576 33554432 make_ext
run_expecting 0 "$list_filesystems" --ranges "$disk"
expect_stdout '^0 [0-9]'
"$partition_table" "$disk" mbr 2048 83,4096,8192
expect_found --ranges <<'EOF'
0 sda1 - 33554432 0 it has a partition table and a file system
EOF

# Nothing at all, and less than a sector.
new_disk
whole 'it has no known signature'
new_disk 100
whole 'it has no known signature'
new_disk 0
whole 'it has no known signature'
expect_all_whole
