# shellcheck shell=bash disable=SC2154
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of what the ext2, ext3 and ext4 reader says is free.  They make
# file systems with mke2fs, and fill them by mounting them where that is
# possible, or else with debugfs.

requires_program mke2fs e2fsck dumpe2fs debugfs python3
free_runs=$abs_builddir/free-runs
fill=$abs_srcdir/filesystem/fill.py

# make_ext SIZE ARGUMENT...: a file system in $volume, which has SIZE.
make_ext ()
{
    local size=$1

    shift
    volume=$tmpdir/volume
    rm -f "$volume"
    truncate --size="$size" "$volume"
    mke2fs -q -F -E nodiscard "$@" "$volume" </dev/null >&2 ||
        fail "mke2fs cannot: $*"
}

# with_mount COMMAND...: run COMMAND where $volume is mounted, in $mounted.
# Fails when it cannot be mounted.
with_mount ()
{
    local status=0

    mounted=$tmpdir/mounted
    mkdir -p "$mounted"
    [ "$(id -u)" = 0 ] && mount -o loop "$volume" "$mounted" 2>/dev/null ||
        return 1
    cleanup_fn umount_if_mounted
    "$@" || status=$?
    umount "$mounted"
    # The loop device goes when nobody looks at it any more.
    wait_for is_detached
    [ $status = 0 ] || fail "$*: status $status"
}

is_detached () { [ -z "$(losetup --associated "$volume")" ]; }

umount_if_mounted ()
{
    ! mountpoint -q "$mounted" || umount "$mounted"
}

# fill_ext MEGABYTES: files in $volume that are made, deleted and made again.
fill_ext ()
{
    local tree=$tmpdir/tree

    with_mount in_mounted "$1" && return
    rm -rf "$tree"
    mkdir "$tree"
    "$fill" "$test_seed" "$tree" "$1" >"$tmpdir/deleted"
    # Instead of a directory tree, which mke2fs -d would take.
    (cd "$tree" && find . -mindepth 1 -type d -printf 'mkdir %P\n'
     find . -type f -printf 'write %P %P\n') >"$tmpdir/commands"
    (cd "$tree" && debugfs -w -f "$tmpdir/commands" "$volume") >&2
    # Each third file goes.
    (cd "$tree" && find . -type f -printf 'rm %P\n') | awk 'NR % 3 == 0' \
        >"$tmpdir/commands"
    debugfs -w -f "$tmpdir/commands" "$volume" >&2
}

in_mounted () { "$fill" "$test_seed" "$mounted" "$1"; }

# listed_free: the free blocks as dumpe2fs lists them, in bytes.
listed_free ()
{
    dumpe2fs "$volume" 2>/dev/null | awk '
        /^Block size:/ { size = $3 }
        /^Cluster size:/ { ratio = $3 / size }
        /^Block count:/ { blocks = $3 }
        sub (/^  Free blocks: /, "") {
            n = split ($0, runs, ", ")
            for (i = 1; i <= n; i++) {
                m = split (runs[i], ends, "-")
                begin = ends[1]
                # Some versions end with the first block of a cluster.
                end = ends[m] + 1
                if (ratio) end = int ((ends[m] + ratio) / ratio) * ratio
                if (end > blocks) end = blocks
                if (begin == last) { last = end; continue }
                if (last) print first * size, (last - first) * size
                first = begin
                last = end
            }
        }
        END { if (last) print first * size, (last - first) * size }'
}

# listed_files: what can be read of each file of $volume.
listed_files ()
{
    rm -rf "$tmpdir/dump"
    mkdir "$tmpdir/dump"
    debugfs -R "rdump / $tmpdir/dump" "$volume" >&2
    (cd "$tmpdir/dump" && find . -printf '%P %y %l\n' | LC_ALL=C sort &&
         find . -type f -print0 | LC_ALL=C sort -z | xargs -0r sha256sum)
}

# expect_free: the reader calls free what dumpe2fs calls so, and nothing that
# a file needs.
expect_free ()
{
    "$free_runs" ext4 "$volume" >"$tmpdir/ours" ||
        fail "$(<"$tmpdir/ours")"
    listed_free >"$tmpdir/theirs"
    expect test -s "$tmpdir/ours"
    diff "$tmpdir/theirs" "$tmpdir/ours" >&2 || fail "other blocks are free"
    listed_files >"$tmpdir/before"
    "$free_runs" --overwrite ext4 "$volume" >"$tmpdir/ours"
    e2fsck -fn "$volume" >&2 || fail "e2fsck finds errors"
    listed_files >"$tmpdir/after"
    expect_same "$tmpdir/before" "$tmpdir/after"
}

# expect_doubt PATTERN: nothing of $volume counts as free, for that reason.
expect_doubt ()
{
    local status=0

    "$free_runs" ext4 "$volume" >"$tmpdir/ours" || status=$?
    expect test $status = 3
    grep -q -e "^doubt: .*$1" "$tmpdir/ours" || fail "$(<"$tmpdir/ours")"
}
