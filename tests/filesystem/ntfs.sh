# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of what the reader of NTFS says is free.  They make volumes with
# mkntfs, and fill them through ntfs-3g.

requires_program mkntfs ntfsfix ntfscp python3
free_runs=$abs_builddir/free-runs
ntfs_edit=$abs_srcdir/filesystem/ntfs-edit
ntfs_fill=$abs_srcdir/filesystem/ntfs-fill
grep -q 'HAVE_NTFS_3G 1' "$abs_top_builddir/config.h" ||
    skip "built without libntfs-3g"

# make_ntfs SIZE ARGUMENT...: a file system in $volume, which has SIZE.
make_ntfs ()
{
    local size=$1

    shift
    volume=$tmpdir/volume
    rm -f "$volume"
    truncate --size="$size" "$volume"
    mkntfs -q -F -f "$@" "$volume" </dev/null >&2 ||
        fail "mkntfs cannot: $*"
}

requires_ntfs_mount ()
{
    requires_root
    requires_program ntfs-3g mountpoint
    [ -c /dev/fuse ] || skip "there is no /dev/fuse"
    mounted=$tmpdir/mounted
    mkdir -p "$mounted"
    cleanup_fn umount_if_mounted
}

# mount_ntfs: mount $volume on $mounted until unmount_ntfs.  What ntfs-3g has
# not written when umount ends is there when its process ends.
mount_ntfs ()
{
    ntfs-3g -o compression,no_detach "$volume" "$mounted" >&2 &
    ntfs_pid=$!
    wait_for mountpoint -q "$mounted"
}

unmount_ntfs ()
{
    wait_for umount "$mounted"
    wait "$ntfs_pid"
}

# with_mount COMMAND...: run COMMAND where $volume is mounted, in $mounted.
with_mount ()
{
    mount_ntfs
    "$@" || fail "$*: status $?"
    unmount_ntfs
}

umount_if_mounted ()
{
    ! mountpoint -q "$mounted" || umount "$mounted"
}

# list_files: what can be read of each file in $mounted.
list_files ()
{
    (cd "$mounted" && find . -printf '%P %y %s\n' | LC_ALL=C sort &&
         find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
}

save_list () { list_files >"$1"; }

# expect_free: the reader calls free what $Bitmap has no bit for, and nothing
# that a file needs.
expect_free ()
{
    "$free_runs" ntfs "$volume" >"$tmpdir/ours" || fail "$(<"$tmpdir/ours")"
    "$ntfs_edit" "$volume" free >"$tmpdir/theirs"
    expect test -s "$tmpdir/ours"
    diff "$tmpdir/theirs" "$tmpdir/ours" >&2 || fail "other clusters are free"
}

# expect_kept: all files of $volume are what they are when nothing is left in
# the free runs.
expect_kept ()
{
    with_mount save_list "$tmpdir/before"
    expect_free
    "$free_runs" --overwrite ntfs "$volume" >"$tmpdir/ours"
    expect ntfsfix -n "$volume" >&2
    with_mount save_list "$tmpdir/after"
    expect_same "$tmpdir/before" "$tmpdir/after"
}

# expect_doubt PATTERN: nothing of $volume counts as free, for that reason.
expect_doubt ()
{
    local status=0

    "$free_runs" ntfs "$volume" >"$tmpdir/ours" || status=$?
    expect test $status = 3
    expect grep -q -e "^doubt: .*$1" "$tmpdir/ours"
}

# edited PATTERN WORD [ARGUMENT...]: a copy of $volume that ntfs-edit changed
# counts as used, because of PATTERN ("": it does not).
edited ()
{
    local volume=$volume pattern=$1

    shift
    cp --sparse=always "$volume" "$tmpdir/edited"
    volume=$tmpdir/edited
    "$ntfs_edit" "$volume" "$@"
    if [ "$pattern" ]; then expect_doubt "$pattern"; else expect_free; fi
}
