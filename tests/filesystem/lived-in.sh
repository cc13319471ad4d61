# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Sourced after functions.sh by the tests of --skip-unused.  Makes volumes that
# have been lived in, copies disks of them, and proves of a copy that no byte
# that is in use was left out.
#
# A volume is an image file of one file system.  Beside it are, as text:
#     VOLUME.kind      ext, xfs, ntfs, swap or none (see reported-free)
#     VOLUME.free      its free runs, as the file system's own programs say
#     VOLUME.digests   what it holds (see digests); none if it was not mounted
# Kernels do not have all that mkfs can make, and not everybody may mount: what
# cannot be mounted here is made "offline", by mkfs and debuggers alone.

lived_in=$abs_srcdir/filesystem
mnt=$tmpdir/mnt
mkdir "$mnt"
PATH=$PATH:/usr/sbin:/sbin
requires_program python3 jq
. "$abs_srcdir/filesystem/mkfs-xfs.sh"
cleanup_fn unmount

# requires_ntfs: skip the test where the tool was built without libntfs-3g.
requires_ntfs ()
{
    grep -q '^#define HAVE_NTFS_3G' "$abs_top_builddir/config.h" ||
        skip "built without libntfs-3g"
}

# is_long: with V2V_TEST_LONG=1 all shapes are tried, and larger volumes.
is_long () { [ -n "${V2V_TEST_LONG-}" ]; }

# Mounting ----------------------------------------------------------------

# ntfs-3g goes on writing after umount has returned: its end is waited for.
ntfs_pid='' mnt_loop=

# mount_volume KIND IMAGE [OPTION]: mount IMAGE at $mnt.
mount_volume ()
{
    [ "$(id -u)" = 0 ] || return 1
    if [ "$1" = ntfs ]; then
        ntfs-3g -o "no_detach,big_writes,no_def_opts${3:+,$3}" "$2" "$mnt" \
            >>"$tmpdir/logs/mount" 2>&1 &
        ntfs_pid=$!
        for _ in $(seq 200); do
            ! mountpoint -q "$mnt" || return 0
            is_running $ntfs_pid || break
            sleep 0.05
        done
        ntfs_pid=
        return 1
    fi
    # Not mount -o loop: that takes the device which this file had, if it is
    # not quite detached yet, and fails.
    mnt_loop=$(losetup --find --show -- "$2" 2>>"$tmpdir/logs/mount") ||
        return 1
    if ! mount -o "${3:-rw}" -- "$mnt_loop" "$mnt" >>"$tmpdir/logs/mount" 2>&1
    then
        losetup --detach "$mnt_loop"
        mnt_loop=
        return 1
    fi
}

unmount ()
{
    ! mountpoint -q "$mnt" || umount -- "$mnt" || return 1
    [ -z "$ntfs_pid" ] || wait "$ntfs_pid" || :
    ntfs_pid=
    [ -z "$mnt_loop" ] || losetup --detach "$mnt_loop"
    mnt_loop=
}

# can_mount KIND IMAGE: sets why_not, for people.
can_mount ()
{
    if mount_volume "$1" "$2"; then
        unmount
        return 0
    fi
    why_not="$(tail -n 1 "$tmpdir/logs/mount" 2>/dev/null)"
    [ "$(id -u)" = 0 ] || why_not='needs root'
    return 1
}

# Making volumes ----------------------------------------------------------

# make_volume KIND VOLUME SIZE MKFS [ARGUMENT...]: make a file system by MKFS,
# and live in it, mounted if that is possible.
make_volume ()
{
    local kind=$1 volume=$2

    format_volume "$@"
    if can_mount "$kind" "$volume"; then
        live_in "$kind" "$volume"
    else
        echo "offline: $volume ($why_not)" >>"$tmpdir/logs/offline"
        "live_offline_$kind" "$volume" "${@:4}"
    fi
    list_free "$kind" "$volume"
}

# format_volume KIND VOLUME SIZE MKFS [ARGUMENT...]
format_volume ()
{
    local volume=$2 size=$3

    shift 3
    rm -f "$volume" "$volume".*
    truncate -s "$size" "$volume"
    # mkfs.xfs makes small ones for those who test it.
    TEST_DIR=$mnt TEST_DEV=$mnt QA_CHECK_FS=true \
        "$@" "$volume" >"$tmpdir/logs/mkfs" 2>&1 ||
        fail "$(head -n 3 "$tmpdir/logs/mkfs"): $*"
}

# live_in KIND VOLUME [ARGUMENT...]: these are live-in's, after its seed.  May
# be called several times.
live_in ()
{
    local kind=$1 volume=$2

    lives=$((${lives-0} + 1))
    mount_volume "$kind" "$volume"
    mkdir "$mnt/life $lives"
    "$lived_in/live-in" "$mnt/life $lives" "$test_seed $lives" "${@:3}"
    unmount
    # Before everything is written the blocks of files are others.
    mount_volume "$kind" "$volume" ro
    "$lived_in/digests" "$mnt" >"$volume.digests"
    unmount
}

# list_free KIND VOLUME: what is free in it, when it is unmounted.
list_free ()
{
    echo "$1" >"$2.kind"
    "$lived_in/reported-free" "$1" "$2" >"$2.free"
}

# make_tree: files for those that cannot be mounted, at $tmpdir/tree.  The
# largest are sparse, which not all of those programs know.
make_tree ()
{
    rm -rf "$tmpdir/tree"
    mkdir "$tmpdir/tree"
    "$lived_in/live-in" "$tmpdir/tree" "$test_seed tree" 60 85 12000000
}

# What is free is all deleted data then.
fill_free ()
{
    list_free "$1" "$2"
    "$lived_in/mark-free" "$2" "$2.free"
}

# live_offline_ext VOLUME MKFS...: mke2fs copies the tree; then each third file
# is deleted.
live_offline_ext ()
{
    local volume=$1

    requires_program debugfs
    make_tree
    shift
    "$@" -d "$tmpdir/tree" "$volume" >>"$tmpdir/logs/mkfs" 2>&1
    (cd "$tmpdir/tree" && find . -type f -printf '%P\n') | sort |
        awk 'NR % 3 == 0 { printf "rm \"/%s\"\n", $0 }' \
            >"$tmpdir/logs/debugfs"
    debugfs -w -f "$tmpdir/logs/debugfs" "$volume" >/dev/null 2>&1
    e2fsck -fy "$volume" >>"$tmpdir/logs/fsck" 2>&1 || [ $? = 1 ]
    fill_free ext "$volume"
}

# live_offline_xfs VOLUME MKFS...: mkfs.xfs copies the files of a prototype.
live_offline_xfs ()
{
    local volume=$1 name n=0

    make_tree
    shift
    {
        printf '%s\n' / '0 0' 'd--755 0 0'
        find "$tmpdir/tree" -type f -size -400k | sort >"$tmpdir/names"
        while IFS= read -r name; do
            n=$((n + 1))
            # A prototype's names have no blanks.
            ln "$name" "$tmpdir/tree/$n"
            echo "f$n ---644 0 0 $tmpdir/tree/$n"
        done <"$tmpdir/names"
        echo '$'
    } >"$tmpdir/prototype"
    TEST_DIR=$mnt TEST_DEV=$mnt QA_CHECK_FS=true \
        "$@" -f -p "$tmpdir/prototype" "$volume" >>"$tmpdir/logs/mkfs" 2>&1
    fill_free xfs "$volume"
}

# live_offline_ntfs VOLUME: ntfscp copies some files.
live_offline_ntfs ()
{
    local name n=0

    requires_program ntfscp
    make_tree
    while IFS= read -r name; do
        n=$((n + 1))
        ntfscp -q "$1" "$name" "$n" >>"$tmpdir/logs/mkfs" 2>&1
    done < <(find "$tmpdir/tree" -type f -size -400k | sort |
        awk 'NR % 8 == 0')
    fill_free ntfs "$1"
}

# make_swap VOLUME SIZE
make_swap ()
{
    truncate -s "$2" "$1"
    mkswap "$1" >>"$tmpdir/logs/mkfs" 2>&1
    list_free swap "$1"
    "$lived_in/mark-free" "$1" "$1.free"
}

# put_volume VOLUME DISK OFFSET: the disk holds it there.  Adds to DISK.free.
put_volume ()
{
    dd if="$1" of="$2" bs=64K oflag=seek_bytes seek="$3" status=none \
        conv=notrunc,sparse
    awk -v at="$3" '{ printf "%.0f %.0f\n", $1 + at, $2 }' "$1.free" \
        >>"$2.free"
}

# take_volume DISK OFFSET VOLUME COPY: get the copy of VOLUME out of DISK.
take_volume ()
{
    rm -f "$4"
    dd if="$1" of="$4" bs=64K iflag=skip_bytes,count_bytes skip="$2" \
        count="$(stat -c %s "$3")" status=none conv=sparse
    truncate -s "$(stat -c %s "$3")" "$4"
}

# Checking ----------------------------------------------------------------

# expect_clean KIND IMAGE: its own programs find no fault in it.
expect_clean ()
{
    case $1 in
        ext) e2fsck -fn "$2" ;;
        xfs) xfs_repair -n "$2" ;;
        # It counts all clusters.
        ntfs) ntfsresize --info --force --no-progress-bar "$2" ;;
        swap) swaplabel "$2" ;;
        none) : ;;
    esac >"$tmpdir/logs/fsck" 2>&1 || fail "$2 is not clean ($1)"
}

# expect_same_files VOLUME COPY: COPY holds each file that VOLUME does.
expect_same_files ()
{
    [ -e "$1.digests" ] || return 0
    mount_volume "$(cat "$1.kind")" "$2" ro || fail "cannot mount $2"
    "$lived_in/digests" "$mnt" >"$tmpdir/digests"
    unmount
    diff -u "$1.digests" "$tmpdir/digests" >"$tmpdir/logs/digests-diff" ||
        fail "the files of $2 differ"
}

# expect_whole_volume VOLUME COPY: nothing that is in use is missing in COPY.
expect_whole_volume ()
{
    expect_clean "$(cat "$1.kind")" "$2"
    expect_same_files "$1" "$2"
    [ -s "$1.free" ] || expect_same "$1" "$2"
}

# expect_only_free DISK COPY: they are the same but for runs of DISK.free that
# are zeroes in COPY.  Sets free, short, used, dropped, deleted and left, in
# bytes (compare-used).
expect_only_free ()
{
    "$lived_in/compare-used" "$1" "$2" "$1.free" >"$tmpdir/logs/compared" ||
        fail "$2 is not $1 without its free bytes"
    free='' short='' used='' dropped='' deleted='' left=''
    # shellcheck source=/dev/null
    . "$tmpdir/logs/compared"
    deleted=$((deleted * 512)) left=$((left * 512))
}

# expect_dropped: of what expect_only_free has compared, deleted data are gone,
# but for the few blocks that a file system keeps for itself (AGFL of XFS).
expect_dropped ()
{
    [ "$deleted" -gt 1000000 ] || fail "the disk has no deleted data: $deleted"
    [ $((left * 100)) -le "$deleted" ] ||
        fail "$left of $deleted deleted bytes were copied"
}

# expect_counted N: the result of disk N (from 0) has read and left out what is
# in use and free in the disk of the last expect_only_free.  Runs that are too
# short for a request of their own are read (copy/lister.c).
expect_counted ()
{
    local read unused

    read -r read unused < <(jq -r ".disks[$1] |
        \"\\(.bytes_read) \\(.bytes_unused)\"" "$result_file")
    echo "disk $1: used $used, read $read; free $free, short $short," \
        "unused $unused, deleted $deleted, left $left" \
        >>"$tmpdir/logs/counted"
    [ "$unused" -le "$free" ] || fail "$unused bytes unused, $free are free"
    [ $(((read - short) * 100)) -le $((used * 105)) ] ||
        fail "$read bytes read, $used are in use"
}

# Copying -----------------------------------------------------------------

# copy_unused SOURCE...: copy a guest of these disks to $tmpdir/out.
copy_unused ()
{
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch --skip-unused on -o disk \
        -os "$tmpdir/out" -on guest "$@"
}

# copy_from SOURCE DISK...: the same of raw images, which are read as they are
# (file), by HTTP, where all bytes look like data (http), or as qcow2 images
# (qcow2).
copy_from ()
{
    local how=$1 disk sources=()

    shift
    for disk; do
        case $how in
            file) sources+=("$disk") ;;
            http)
                [ -n "${http_url-}" ] || start_nginx
                ln -f "$disk" "$tmpdir/www/${disk##*/}"
                sources+=("$http_url/${disk##*/}") ;;
            qcow2)
                qemu-img convert -f raw -O qcow2 "$disk" "$disk.qcow2"
                sources+=("$disk.qcow2") ;;
        esac
    done
    copy_unused "${sources[@]}"
    rm -f "${disk%/*}"/*.qcow2
}

# try_volume SOURCE VOLUME: all of this for a disk that is one volume.
try_volume ()
{
    expect_clean "$(cat "$2.kind")" "$2"
    copy_from "$1" "$2"
    expect_only_free "$2" "$tmpdir/out/guest-sda"
    expect_dropped
    expect_counted 0
    expect_whole_volume "$2" "$tmpdir/out/guest-sda"
    [ -z "${V2V_TEST_COUNTS-}" ] || tail -n 1 "$tmpdir/logs/counted" >&2
}

# try_shapes KIND < SHAPES: try each of the shapes, which are lines of a word
# that is "quick" for those that are always tried and "long" for the others,
# the size, and a command of mkfs.  V2V_TEST_SHAPES, a regular expression,
# chooses among the commands.
try_shapes ()
{
    local kind=$1 when size command sources=(http file qcow2) n=0

    while read -r when size command; do
        [ "$when" = quick ] || is_long || continue
        [[ $command =~ ${V2V_TEST_SHAPES-.} ]] || continue
        echo "$kind: $command" >>"$tmpdir/logs/shapes"
        # shellcheck disable=SC2086 # It is split into words intentionally.
        make_volume "$kind" "$tmpdir/volume" "$size" $command
        try_volume "${sources[n++ % 3]}" "$tmpdir/volume"
    done
}
