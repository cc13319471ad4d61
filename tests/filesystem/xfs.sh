# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of what the XFS reader says is free.  They make file systems with
# mkfs.xfs and compare the reader with what xfs_db, xfs_logprint and xfs_repair
# find.

PATH=$PATH:/usr/sbin:/sbin
requires_program mkfs.xfs xfs_db xfs_logprint xfs_repair python3
. "$abs_srcdir/filesystem/mkfs-xfs.sh"
free_runs=$abs_builddir/free-runs
xfs_free=$abs_srcdir/filesystem/xfs-free.py
fill=$abs_srcdir/filesystem/fill.py
volume=$tmpdir/volume
mounted=$tmpdir/mounted

# mkfs.xfs believes that it is called by its own tests, and makes file systems
# that are smaller than people should have.
export TEST_DIR=/ TEST_DEV=none QA_CHECK_FS=yes

# make_xfs SIZE ARGUMENT...: a file system in $volume, which has SIZE.
make_xfs ()
{
    local size=$1

    shift
    rm -f "$volume"
    truncate --size="$size" "$volume"
    mkfs.xfs -q -f "$@" "$volume" >"$tmpdir/logs/mkfs" 2>&1
}

# make_fragmented_xfs ARGUMENT...: a small file system in $volume with 600 free
# runs, and a btree of two levels, without the kernel's help: mkfs.xfs makes
# files, xfs_db takes every second one away, and xfs_repair makes the btree.
make_fragmented_xfs ()
{
    local i inode

    head -c 512 /dev/urandom >"$tmpdir/file"
    {
        echo "/none 0 0 d--755 0 0"
        for ((i = 0; i < 1400; i++)); do
            echo "$i ---644 0 0 $tmpdir/file"
        done
        echo "\$"
    } >"$tmpdir/proto"
    make_xfs 64M -p "$tmpdir/proto" "$@"
    xfs_db -r -c 'blockget -n' -c ncheck "$volume" |
        awk '$2 % 2 { print "inode", $1; print "write core.mode 0" }' \
        >"$tmpdir/commands"
    xfs_db -x "$volume" <"$tmpdir/commands" >"$tmpdir/logs/xfs_db"
    xfs_repair "$volume" >/dev/null 2>&1
}

# requires_xfs: skip the test where XFS cannot be mounted.
requires_xfs ()
{
    requires_root
    requires_program mount umount losetup xfs_io xfs_freeze xfs_growfs
    mkdir "$mounted"
    cleanup_fn umount_if_mounted
    make_xfs 64M -l size=6m
    mount_xfs || skip "there are no loop devices here, or XFS is unknown"
    umount "$mounted"
}

# mount_xfs: mount $volume at $mounted.
mount_xfs () { mount -t xfs -o loop "$volume" "$mounted"; }

umount_if_mounted ()
{
    ! mountpoint -q "$mounted" || umount "$mounted"
}

# punch_holes FILE MEGABYTES: a file of which every second piece of 64 KiB is
# a hole, and was not.
punch_holes ()
{
    local i

    for ((i = 0; i < $2 * 8; i++)); do
        echo "fpunch $((i * 131072)) 65536"
    done >"$tmpdir/holes"
    xfs_io -f -c "falloc 0 $2m" "$1"
    xfs_io "$1" <"$tmpdir/holes" >/dev/null
}

# expect_free: the reader says what xfs_db says.
expect_free ()
{
    "$free_runs" xfs "$volume" >"$tmpdir/ours" || fail "$(<"$tmpdir/ours")"
    "$xfs_free" "$volume" >"$tmpdir/theirs"
    diff "$tmpdir/theirs" "$tmpdir/ours" >&2 || fail "other blocks are free"
}

# expect_unneeded: nothing needs the blocks that the reader calls free.
# $volume is not mounted.
expect_unneeded ()
{
    "$free_runs" --overwrite xfs "$volume" >"$tmpdir/ours"
    expect test -s "$tmpdir/ours"
    xfs_repair -n "$volume" >&2 || fail "xfs_repair finds errors"
}

# expect_doubt PATTERN: nothing of $volume counts as free, for that reason.
expect_doubt ()
{
    local status=0

    "$free_runs" xfs "$volume" >"$tmpdir/ours" || status=$?
    if [ $status != 3 ] || ! grep -q -e "^doubt: .*$1" "$tmpdir/ours"; then
        head -n 3 "$tmpdir/ours" >&2
        fail "status $status, not a doubt: $1"
    fi
}

# digests: of all files of $volume, which is mounted.
digests ()
{
    (cd "$mounted" && find . -type f -print0 | LC_ALL=C sort -z |
         xargs -0r sha256sum)
}
