# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of what is found on disks.  Swap space is what partitions hold: all
# of it but the first page is unused, so that it shows where they are.

requires_program mkswap python3
list_filesystems=$abs_builddir/list-filesystems
partition_table=$abs_srcdir/filesystem/partition-table
disk=$tmpdir/disk
reasons=()

# new_disk [SIZE]: $disk is empty.
new_disk ()
{
    rm -f "$disk"
    truncate --size="${1:-64M}" "$disk"
}

# put OFFSET SIZE COMMAND...: have COMMAND FILE write a volume of SIZE bytes,
# which is then OFFSET bytes from the beginning of $disk.
put ()
{
    local offset=$1 size=$2

    shift 2
    rm -f "$tmpdir/volume"
    truncate --size="$size" "$tmpdir/volume"
    "$@" "$tmpdir/volume" >&2 || fail "cannot make a volume: $*"
    dd if="$tmpdir/volume" of="$disk" bs=512 seek=$((offset / 512)) \
        conv=notrunc,sparse status=none
}

# mkswap warns that a sparse file cannot be swapped to.
make_swap ()
{
    mkswap --pagesize 4096 "$@" 2>"$tmpdir/mkswap" || fail "mkswap cannot: $*"
}

# put_swap OFFSET SIZE: likewise, with pages of 4096 bytes.
put_swap ()
{
    local made=$tmpdir/swap-$2

    if [ ! -e "$made" ]; then
        truncate --size="$2" "$made"
        make_swap "$made" >&2
    fi
    put "$1" "$2" cp "$made"
}

# poke OFFSET BYTES: BYTES as printf takes them.
poke ()
{
    # shellcheck disable=SC2059
    printf "$2" | dd of="$disk" bs=1 seek="$1" conv=notrunc status=none
}

# expect_found [ARGUMENT...] <LIST: list-filesystems prints this of $disk.
expect_found ()
{
    cat >"$tmpdir/expected"
    run_expecting 0 "$list_filesystems" "$@" "$disk"
    diff -u "$tmpdir/expected" "$out" >&2 || fail "not what was expected"
}

# whole WHY: nothing of the disk is unused, says expect_all_whole when there are
# as many disks as it takes time to look at one after the other.
whole ()
{
    mv "$disk" "$tmpdir/whole-${#reasons[@]}"
    reasons+=("$1")
}

expect_all_whole ()
{
    local i disks=()

    : >"$tmpdir/expected"
    for i in "${!reasons[@]}"; do
        disks+=("$tmpdir/whole-$i")
        echo "$i - $(stat -c %s "${disks[i]}") 0 ${reasons[i]}"
    done >"$tmpdir/expected"
    run_expecting 0 "$list_filesystems" --ranges "${disks[@]}"
    cut -d ' ' -f 1,3- "$out" >"$tmpdir/found"
    diff -u "$tmpdir/expected" "$tmpdir/found" >&2 ||
        fail "not what was expected"
}
