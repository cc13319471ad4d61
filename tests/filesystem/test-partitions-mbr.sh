#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Partitions of an MBR, and logical ones, are looked at where sfdisk has made
# them; when there is anything wrong with the table, all of the disk is in use.
. ./functions.sh
. "$abs_srcdir/filesystem/volumes.sh"
requires_program sfdisk partx

new_disk
sfdisk -q "$disk" <<'EOF'
label: dos
start=2048, size=16384, type=82
start=18432, size=8192, type=83
start=26624, size=100000, type=5
start=28672, size=4096, type=83
start=34816, size=8192, type=82
start=45056, size=2048, type=82
EOF
put_swap $((2048 * 512)) $((16384 * 512))
put_swap $((34816 * 512)) $((8192 * 512))
put_swap $((45056 * 512)) $((2048 * 512))
expect_found --ranges <<'EOF'
0 sda1 swap 8388608 8384512
0 sda2 - 4194304 0 it has no known signature
0 sda5 - 2097152 0 it has no known signature
0 sda6 swap 4194304 4190208
0 sda7 swap 1048576 1044480
0 1052672 8384512
0 17829888 4190208
0 23072768 1044480
EOF

# A chain that goes backwards, as fdisk makes it when a partition before others
# is made after them, and one with nothing in its first sector.
tables ()
{
    local sector

    for sector; do
        echo "$disk mbr ${sector%%:*} ${sector#*:}"
    done
}
new_disk
tables '0:5,2048,65536' '2048:- 5,32768,4096' '34816:82,2048,2048 5,4096,8192' \
    '6144:82,2048,6144' | "$partition_table"
put_swap $((36864 * 512)) $((2048 * 512))
put_swap $((8192 * 512)) $((6144 * 512))
# libblkid 2.41 reads no chain that goes backwards.
if partx -s "$disk" | grep -q '^ *6 '; then
    expect_found --ranges <<'EOF'
0 sda5 swap 1048576 1044480
0 sda6 swap 3145728 3141632
0 4198400 3141632
0 18878464 1044480
EOF
else
    run_expecting 0 "$list_filesystems" "$disk"
    expect_stdout '^0 sda - 67108864 0 its partition table can be read in two'
fi

new_disk
for start in 2048 4096 8192 16384; do
    put_swap $((start * 512)) 262144
done
mv "$disk" "$tmpdir/swaps"
while IFS='|' read -r why layout; do
    disk=$tmpdir/whole-${#reasons[@]}
    cp "$tmpdir/swaps" "$disk"
    eval "tables $layout"
    reasons+=("$why")
done >"$tmpdir/tables" <<'EOF'
its partitions 1 and 2 overlap|'0:82,2048,4096 82,4096,4096'
its partitions 1 and 2 overlap|'0:82,4096,4096 82,2048,4096'
its partition 1 ends beyond the end of the disk|'0:82,2048,131072'
its partition 1 overlaps the partition table|'0:82,0,4096'
its partition 1 has no type|'0:0,2048,4096'
it has two extended partitions|'0:5,2048,8192 f,16384,8192' '2048:82,2048,4096' '16384:82,2048,4096'
its extended partition overlaps another partition|'0:5,2048,8192 82,4096,8192' '2048:82,6144,2048'
its extended partition ends beyond the end of the disk|'0:5,2048,262144' '2048:82,2048,4096'
its chain of logical partitions is damaged|'0:5,2048,32768 82,65536,4096'
its chain of logical partitions is damaged|'0:5,2048,8192' '2048:82,2048,8192'
its chain of logical partitions is damaged|'0:5,2048,8192' '2048:82,2048,2048 5,8192,2048'
its chain of logical partitions is damaged|'0:5,2048,32768' '2048:82,2048,2048 - 82,6144,2048'
its chain of logical partitions is damaged|'0:5,2048,32768' '2048:82,2048,2048 82,6144,2048'
its chain of logical partitions does not end|'0:5,2048,32768' '2048:82,2048,2048 5,6144,2048' '8192:- 5,6144,2048'
its partition 5 overlaps the partition table|'0:5,2048,32768' '2048:82,2048,8192 5,6144,2048' '8192:82,2048,2048'
its partitions 5 and 6 overlap|'0:5,2048,32768' '2048:82,6144,8192 5,4096,2048' '6144:82,2048,4096'
it is a dynamic disk of Windows|'0:42,2048,4096'
its GPT is damaged|'0:ee,1,131071'
EOF

"$partition_table" <"$tmpdir/tables"

# Written for sectors of 4096 bytes, which an MBR does not say.
disk=$tmpdir/disk
new_disk
tables '0:82,256,1024' | "$partition_table"
put_swap 1048576 4194304
whole 'its MBR may be for sectors of 4096 bytes'

# Of what is not a table nothing is believed.
disk=$tmpdir/disk
new_disk
tables '0:82,2048,4096' | "$partition_table"
put_swap 1048576 2097152
poke 446 '\001'
whole 'it has no known signature'
expect_all_whole
