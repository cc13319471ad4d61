#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While the command runs, an image becomes one that names a file of this host:
# what the command reads, through either name of the overlay, and what is
# copied then, is the disk as it was.  A local file of each format, and an NBD
# server, which has no name for a version of what it serves.
. ./functions.sh
. "$abs_srcdir/changing.sh"

requires_plugin eval
requires_program qemu-img
make_secret
make_disk_for_changing

# expect_kept STATUS SOURCE COMMAND: COMMAND changes the source.
expect_kept ()
{
    mkdir "$tmpdir/out"
    # shellcheck disable=SC2016
    run_expecting "$1" v2v-nbdkit-launch "$2" -os "$tmpdir/out" -on guest \
        --convert "set -e
            $3"'
            qemu-img convert -O raw "$V2V_OVERLAY_0" '"'$tmpdir/file'"'
            qemu-img convert -f raw -O raw "$V2V_OVERLAY_URI_0" \
                '"'$tmpdir/uri'"
    expect_same "$tmpdir/disk" "$tmpdir/file"
    expect_same "$tmpdir/disk" "$tmpdir/uri"
    expect_no_secret "$tmpdir/out" "$TMPDIR" "$out" "$err"
    [ "$1" != 0 ] || expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    rm -r "$tmpdir/out" "$tmpdir/file" "$tmpdir/uri"
    expect_nothing_left
}

for kind in "${changing_kinds[@]}"; do
    make_changing "$kind" "$tmpdir/image"
    expect_kept 6:source-changed:false "$tmpdir/image" \
        "cat '$tmpdir/image.after' >'$tmpdir/image'"
done

make_changing qcow2-data "$tmpdir/image"
start_nbdkit changing eval \
    get_size="stat -c %s '$tmpdir/image'" \
    pread="dd if='$tmpdir/image' iflag=skip_bytes,count_bytes \
               skip=\$4 count=\$3"
expect_kept 0 "$nbdkit_uri" "cat '$tmpdir/image.after' >'$tmpdir/image'"
