#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Partitions of a GPT, for sectors of 512 and of 4096 bytes, are looked at;
# when there is anything wrong with the table, all of the disk is in use.
. ./functions.sh
. "$abs_srcdir/filesystem/volumes.sh"
requires_program sgdisk

new_disk
sgdisk -n 1:2048:+4M -n 4:16384:+8M -n 128:40960:+2M "$disk" >&2
put_swap 1048576 4194304
put_swap 8388608 8388608
expect_found --ranges <<'EOF'
0 sda1 swap 4194304 4190208
0 sda4 swap 8388608 8384512
0 sda128 - 2097152 0 it has no known signature
0 1052672 4190208
0 8392704 8384512
EOF
# The disk has been enlarged: the copy is not at the end.
truncate --size=80M "$disk"
expect_found <<'EOF'
0 sda1 swap 4194304 4190208
0 sda4 swap 8388608 8384512
0 sda128 - 2097152 0 it has no known signature
EOF
truncate --size=48M "$disk"
whole 'the disk is shorter than its partition table says'
# sgdisk's hybrid MBR has the same partitions.
new_disk
sgdisk -n 1:2048:+4M -n 2:16384:+8M -h 1 "$disk" >&2
put_swap 1048576 4194304
put_swap 8388608 8388608
expect_found <<'EOF'
0 sda1 swap 4194304 4190208
0 sda2 swap 8388608 8384512
EOF
poke 474 '\001'
whole 'its MBR and its GPT have different partitions'

new_disk
put_swap 1048576 4194304
mv "$disk" "$tmpdir/swap"
for sector in 512 4096; do
    n=$((1048576 / sector))     # sectors of one MiB
    end=$((64 * n))
    new_disk
    "$partition_table" "$disk" gpt $sector $n,$((4 * n)) - \
        $((8 * n)),$((8 * n))
    put_swap 1048576 4194304
    put_swap 8388608 8388608
    expect_found --ranges <<'EOF'
0 sda1 swap 4194304 4190208
0 sda3 swap 8388608 8384512
0 1052672 4190208
0 8392704 8384512
EOF

    while IFS='|' read -r why arguments; do
        disk=$tmpdir/whole-${#reasons[@]}
        cp "$tmpdir/swap" "$disk"
        echo "$disk gpt $sector $arguments $n,$((4 * n))"
        reasons+=("$why")
    done >"$tmpdir/tables" <<EOF
its GPT is damaged|crc=0
its GPT is damaged|n=0
its GPT is damaged|n=4294967295
its GPT is damaged|size=127
its GPT is damaged|size=0
its GPT is damaged|own=2
its GPT is damaged|last=$end
its GPT is damaged|entries=1
its GPT is damaged|entries=$n copy=no
its GPT is damaged|entries=$end
its GPT is damaged|entries=36028797018963968
its GPT and its backup GPT differ|copy.crc=0
its GPT and its backup GPT differ|copy.first=100
its GPT and its backup GPT differ|copy.other=2
the disk is shorter than its partition table says|other=$end
its partition 1 is outside of the usable sectors of the GPT|first=$((n + 1)) copy=no
its partition 1 is outside of the usable sectors of the GPT|last=$((5 * n - 2)) copy=no
its partition 1 is outside of the usable sectors of the GPT|$((10 * n)),0
its partitions 1 and 2 overlap|$((2 * n)),$n
its partition 1 overlaps the partition table|last=$((end - 1)) copy.last=$((end - 1)) $((end - 2)),2
it is a dynamic disk of Windows|$((10 * n)),$n,af9b60a0-1431-4f62-bc68-3311714a69ad
EOF

    "$partition_table" <"$tmpdir/tables"
    disk=$tmpdir/disk

    # Without the copy, and beside a partition that is not only one.
    new_disk
    "$partition_table" "$disk" gpt $sector copy=no $n,$((4 * n)) \
        $((8 * n)),$((8 * n)),e75caf8f-f680-4cee-afa3-b001e56efc2d
    put_swap 1048576 4194304
    put_swap 8388608 8388608
    expect_found <<'EOF'
0 sda1 swap 4194304 4190208
0 sda2 - 8388608 0 it is part of a Windows storage pool
EOF

    # An MBR that does not speak of the GPT.
    "$partition_table" "$disk" mbr 0 82,2048,8192
    whole 'it has a GPT, but no protective MBR'
    # A damaged header, with a good copy.
    new_disk
    "$partition_table" "$disk" gpt $sector $n,$((4 * n))
    put_swap 1048576 4194304
    poke $((sector + 60)) x
    whole 'its GPT is damaged'
done

# Both.
new_disk
"$partition_table" "$disk" gpt 512 2048,8192
put_swap 1048576 4194304
head -c 1048576 "$disk" >"$tmpdir/begin"
"$partition_table" "$disk" gpt 4096 256,1024
dd if="$tmpdir/begin" of="$disk" bs=512 skip=1 seek=1 count=1 conv=notrunc \
    status=none
whole \
    'it has a GPT for sectors of 512 bytes and one for sectors of 4096'
expect_all_whole
