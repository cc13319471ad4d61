#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file system takes what is written to it, and the kernel cannot write it
# back: never status 0 for any kind of file, and with --resume the target is
# whole when the cause is mended.
. ./functions.sh
. "$abs_srcdir/failing-kernel.sh"

requires_plugin file
requires_program mke2fs filefrag e2fsck
mib=$((1 << 20))
truncate -s 8M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((8 * mib))
out_dir=$tmpdir/out

# A file system of which half of the free blocks, those in lost, are not
# allocated in the image.
make_full_filesystem ()
{
    local ranges

    rm -f "$tmpdir/template"
    truncate -s 32M "$tmpdir/template"
    mke2fs -q -F -t ext2 -b 4096 -m 0 "$tmpdir/template"
    mkdir -p "$tmpdir/fs"
    requires mount -o loop "$tmpdir/template" "$tmpdir/fs"
    cleanup_fn umount -lq "$tmpdir/fs"
    head -c $((8 * mib)) /dev/zero >"$tmpdir/fs/kept"
    head -c $((8 * mib)) /dev/zero >"$tmpdir/fs/lost"
    cat /dev/zero >"$tmpdir/fs/ballast" 2>/dev/null || :
    sync -f "$tmpdir/fs"
    ranges=$(filefrag -v -b4096 "$tmpdir/fs/lost" | awk -F '[.: ]+' \
        '$2 ~ /^[0-9]+$/ { print $5 * 4096 ":" ($6 - $5 + 1) * 4096 }')
    [ -n "$ranges" ] || skip "filefrag does not say where a file is"
    rm "$tmpdir/fs/kept" "$tmpdir/fs/lost"
    umount "$tmpdir/fs"
    # shellcheck disable=SC2086
    put_on_full_loop $ranges
    mkdir -p "$out_dir"
    mount "$loop_device" "$out_dir"
    cleanup_fn umount -lq "$out_dir"
    rm -rf "$out_dir/lost+found"
}

# put_on_full_loop OFFSET:LEN...: the template, without these ranges.
put_on_full_loop ()
{
    local range

    make_full_image $((32 * mib)) 0:$((32 * mib))
    dd if="$tmpdir/template" of="$full/image" bs=1M conv=notrunc status=none
    for range; do
        fallocate -p -o "${range%:*}" -l "${range#*:}" "$full/image"
    done
    fill_loop
    make_loop "$full/image"
}

for kind in raw preallocated qcow2; do
    make_full_filesystem
    case $kind in
        raw) options=() ;;
        preallocated) options=(-oa preallocated) ;;
        qcow2) options=(-of qcow2) ;;
    esac
    command=(v2v-nbdkit-launch -o disk -os "$out_dir" -on guest
             "${options[@]}")
    run_expecting '6|8' "${command[@]}" "$tmpdir/disk"
    expect test ! -e "$out_dir/guest-sda"
    run_expecting '6|8' "${command[@]}" --resume "$tmpdir/disk"
    expect test ! -e "$out_dir/guest-sda"
    mend_loop
    rm "$out_dir/ballast"
    run_expecting 0 "${command[@]}" --resume "$tmpdir/disk"
    umount "$out_dir"
    e2fsck -fy "$loop_device" >/dev/null 2>&1 || :
    mount "$loop_device" "$out_dir"
    case $kind in
        qcow2) expect_same_image raw "$tmpdir/disk" qcow2 \
                   "$out_dir/guest-sda" ;;
        *) expect_same "$tmpdir/disk" "$out_dir/guest-sda" ;;
    esac
    expect_nothing_left
    umount "$out_dir"
done
