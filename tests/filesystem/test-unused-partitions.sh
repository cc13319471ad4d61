#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused on a disk with partitions: GPT of 512-byte and 4096-byte
# sectors, MBR with logical partitions.  What is between them is copied.
[ -z "${V2V_TEST_LONG-}" ] || : "${V2V_TEST_TIMEOUT:=1800}"
export V2V_TEST_TIMEOUT
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
requires_program mke2fs mkfs.xfs xfs_db mkswap sfdisk qemu-img

# Windows' partition; without libntfs-3g it is copied whole.
make_windows ()
{
    if (requires_ntfs; requires_program mkntfs ntfsinfo ntfscat) 2>/dev/null
    then
        make_volume ntfs "$1" "$2" mkntfs -q -Q -F
    else
        make_random "$1" "$2"
    fi
}

# What nobody knows: all of it is in use.
make_random ()
{
    truncate -s "$2" "$1"
    write_random "$1" 0 "$(stat -c %s "$1")"
    list_free none "$1"
}

mib=1M
! is_long || mib=8M
times () { echo $(($1 * $(numfmt --from=iec $mib))); }
make_volume ext "$tmpdir/boot" "$(times 20)" mke2fs -q -F -t ext2 -b 1024
make_volume xfs "$tmpdir/root" "$(times 32)" \
    mkfs.xfs -q -l size=4m -m reflink=0
make_windows "$tmpdir/windows" "$(times 24)"
make_swap "$tmpdir/swap" "$(times 4)"
make_random "$tmpdir/other" "$(times 2)"
volumes=(boot root windows swap other)

# make_partitions DISK [LOOP]: DISK has the partitions that stdin describes as
# sfdisk does, numbered as in the arguments after it, with random bytes between
# them.  Sets starts.
make_partitions ()
{
    local disk=$1 device=${2:-$1} n=0

    sfdisk -q --no-reread --no-tell-kernel --wipe never "$device" \
        2>>"$tmpdir/logs/sfdisk" || fail "$(cat "$tmpdir/logs/sfdisk")"
    sfdisk --json "$device" >"$tmpdir/table" 2>>"$tmpdir/logs/sfdisk"
    rm -f "$disk.free"
    mapfile -t starts < <(jq -r '.partitiontable | .sectorsize as $sector |
        .partitions[] | select(.type | test("^(5|f)$") | not) |
        .start * $sector' "$tmpdir/table")
    expect test ${#starts[@]} = ${#volumes[@]}
    for n in "${!volumes[@]}"; do
        put_volume "$tmpdir/${volumes[n]}" "$disk" "${starts[n]}"
    done
}

# try_disk SOURCE DISK
try_disk ()
{
    local n

    copy_from "$1" "$2"
    expect_only_free "$2" "$tmpdir/out/guest-sda"
    expect_dropped
    expect_counted 0
    for n in "${!volumes[@]}"; do
        take_volume "$tmpdir/out/guest-sda" "${starts[n]}" \
            "$tmpdir/${volumes[n]}" "$tmpdir/copy"
        expect_whole_volume "$tmpdir/${volumes[n]}" "$tmpdir/copy"
    done
}

size=$(($(times 82) + 16777216))
# describe SECTOR TYPE: lines for sfdisk, of the partitions one after the
# other, each behind a gap.
describe ()
{
    local at=$((2 * 1048576)) name length

    for name in "${volumes[@]}"; do
        length=$(stat -c %s "$tmpdir/$name")
        echo "start=$((at / $1)), size=$((length / $1)), type=$2"
        at=$((at + length + 2 * 1048576))
    done
}

linux=0FC63DAF-8483-4772-8E79-3D69D8477DE4
fresh_disk ()
{
    rm -f "$1"
    truncate -s $size "$1"
    # What was there before: nobody can tell whether it is used.
    for at in 1200000 $((size - 1000000)); do
        write_random "$1" $at 100000
    done
}

# GPT, as most guests have it.
fresh_disk "$tmpdir/disk"
make_partitions "$tmpdir/disk" < <(echo 'label: gpt'; describe 512 $linux)
try_disk http "$tmpdir/disk"

# MBR: the first is a primary partition, the others are logical.
fresh_disk "$tmpdir/disk"
first=$(stat -c %s "$tmpdir/boot")
make_partitions "$tmpdir/disk" < <(
    echo 'label: dos'
    describe 512 83 | head -n 1
    echo "start=$(((3 * 1048576 + first) / 512)), type=f"
    describe 512 83 | tail -n +2)
try_disk qcow2 "$tmpdir/disk"

# GPT on a disk of 4096-byte sectors; only a device has such.
if [ "$(id -u)" = 0 ]; then
    fresh_disk "$tmpdir/disk"
    if loop=$(losetup --find --show --sector-size 4096 "$tmpdir/disk" \
            2>/dev/null)
    then
        cleanup_fn detach
        detach () { [ -z "$loop" ] || losetup --detach "$loop"; loop=; }
        make_partitions "$tmpdir/disk" "$loop" < <(
            echo 'label: gpt'; describe 4096 $linux)
        detach
        try_disk http "$tmpdir/disk"
    fi
fi
