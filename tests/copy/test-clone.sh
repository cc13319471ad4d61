#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a file system that shares blocks a raw file's data is not copied: the copy
# has the same bytes and holes, what a conversion wrote is its own, and neither
# file notices writes to the other.  Where digests or allocated blocks are
# wanted, or on another file system, it is copied.
. ./functions.sh
. "$abs_srcdir/filesystem/lived-in.sh"
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_root
requires_program qemu-io
requires_program filefrag

# run_clone STATUS ARGUMENT...: copy $mnt/in/disk to $out_dir.
run_clone ()
{
    rm -rf "$out_dir"
    mkdir "$out_dir"
    run_expecting "$1" v2v-nbdkit-launch -o disk -os "$out_dir" -on g \
        --result-file "$tmpdir/result" "${@:2}" "$mnt/in/disk"
}

cloned () { jq ".disks[0].bytes_cloned" "$tmpdir/result"; }
bytes_read () { jq ".disks[0].bytes_read" "$tmpdir/result"; }
blocks () { stat -c %b -- "$1"; }

# expect_copied [ARGUMENT...]: all is copied.
expect_copied ()
{
    run_clone 0 "$@"
    expect cmp "$mnt/in/disk" "$out_dir/g-sda"
    expect test "$(cloned)" = 0
}

# Two extents, a hole between them, and SIZE bytes.
make_source ()
{
    mkdir "$mnt/in"
    truncate -s "$1" "$mnt/in/disk"
    write_random "$mnt/in/disk" $((1 << 20)) $((3 << 20))
    write_random "$mnt/in/disk" $((80 << 20)) $(($1 - (80 << 20)))
    cp "$mnt/in/disk" "$tmpdir/disk"
}

check_plain ()
{
    run_clone 0
    expect cmp "$tmpdir/disk" "$out_dir/g-sda"
    expect test "$(cloned)" = "$1"
    expect test "$(($(cloned) + $(bytes_read)))" = \
        "$(jq '.disks[0].bytes_written' "$tmpdir/result")"
    expect_stderr 'sda: .* of that shared with the source'
    expect test "$(blocks "$out_dir/g-sda")" -le "$(blocks "$mnt/in/disk")"
    expect grep -q shared < <(filefrag -v "$out_dir/g-sda")
    # Neither is changed with the other.
    write_random "$out_dir/g-sda" $((1 << 20)) 65536
    expect cmp "$tmpdir/disk" "$mnt/in/disk"
}

check_converted ()
{
    cp "$tmpdir/disk" "$tmpdir/expected"
    qemu-io -f raw -c 'write -P 7 2M 100k' -c 'write -z 82M 1M' \
        -c 'write -P 8 40M 4k' "$tmpdir/expected" >/dev/null
    run_clone 0 --convert 'qemu-io -f qcow2 -c "write -P 7 2M 100k" \
        -c "write -z 82M 1M" -c "write -P 8 40M 4k" "$overlay"'
    expect cmp "$tmpdir/expected" "$out_dir/g-sda"
    expect test "$(cloned)" -gt $((1 << 20))
    expect test "$(bytes_read)" -lt $((1 << 20))
    expect cmp "$tmpdir/disk" "$mnt/in/disk"
}

# The last block of the base is followed by zeroes.
check_resized ()
{
    run_clone 0 --convert 'qemu-img resize -q "$overlay" 90M'
    truncate -s 90M "$tmpdir/disk"
    expect cmp "$tmpdir/disk" "$out_dir/g-sda"
    expect test "$(cloned)" -gt 0
}

check_copied ()
{
    expect_copied --verify
    expect_copied --checksum
    expect_copied -oa preallocated
}

# A copy that fails leaves nothing that the next run stumbles over.
check_resumed ()
{
    local options=(-o disk -os "$out_dir" -on g --result-file "$tmpdir/result")

    rm -rf "$out_dir"
    mkdir "$out_dir"
    recorded_failing 6 "5 fsync 1 v2v-nbdkit-launch $out_dir/g.part/sda" \
        "${options[@]}" "$mnt/in/disk"
    run_expecting 0 v2v-nbdkit-launch "${options[@]}" --resume "$mnt/in/disk"
    expect cmp "$tmpdir/disk" "$out_dir/g-sda"
    expect test "$(cloned)" -gt 0
}

for kind in xfs btrfs; do
    type -P mkfs.$kind >/dev/null || continue
    volume=$tmpdir/volume
    truncate -s 512M "$volume"
    mkfs.$kind -q -f "$volume"
    mount_volume $kind "$volume" || continue
    echo "== $kind"
    kinds+=" $kind"
    out_dir=$mnt/out
    make_source $((85 << 20))
    check_plain $((8 << 20))
    check_converted
    check_copied
    check_resumed
    out_dir=$tmpdir/out
    expect_copied
    rm -rf "$mnt/in"
    # The last block is not whole.
    out_dir=$mnt/out
    make_source $(((84 << 20) + 512 * 5))
    check_plain $(((7 << 20) + 512 * 5))
    check_resized
    unmount
done
[ -n "${kinds-}" ] || skip 'neither XFS nor btrfs can be made and mounted'
