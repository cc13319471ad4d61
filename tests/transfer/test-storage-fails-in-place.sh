#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: each call that asks something of storage fails in turn, and in
# some runs the power is cut before one.  If the status is 0 all the same the
# disk is whole, also after a loss of power; if not, the same command makes it
# whole from what is left.  (V2V_TEST_LONG=1: each call, and before each; else
# those for the disk, the overlay and the record, and some moments.)
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_program qemu-io
RANDOM=${V2V_TEST_SEED-$$}
truncate -s 2M "$tmpdir/raw"
write_random "$tmpdir/raw" 0 $((1 << 20))
cp "$tmpdir/raw" "$tmpdir/expected"
writes="-c 'write -P 7 512k 1M' -c 'write -z 0 64k'"
eval "qemu-io -f raw $writes '$tmpdir/expected'" >/dev/null
dir=$tmpdir/dir

prepare ()
{
    rm -rf "$dir" "$TMPDIR" "$tmpdir/state"
    mkdir "$dir" "$TMPDIR" "$tmpdir/state"
    qemu-img convert -f raw -O "$kind" "$tmpdir/raw" "$dir/disk"
    power_on "$dir" "$TMPDIR" "$tmpdir/state"
}

expect_whole ()
{
    expect_same_image raw "$tmpdir/expected" "$kind" "$dir/disk"
    expect test "$(ls "$dir")" = disk
}

# fails 'ERRNO CALL N PROGRAM PATTERN'
fails ()
{
    prepare
    recorded_failing '[0-8]|137' "$1" "${command[@]}"
    echo "$kind: $1: $last_status" >&2
    power_back
    if [ "$last_status" != 0 ]; then
        run_expecting 0 v2v-nbdkit-launch "${command[@]}"
    fi
    expect_whole
}

is_important ()
{
    [ -z "${V2V_TEST_LONG-}" ] || return 0
    case $1 in
        fdatasync\ 1\ *" $dir/disk"|sync*|unlink*in-place*) return 0 ;;
        fsync*" $dir/disk"|fsync*launch*sda.qcow2) return 0 ;;
        fsync*in-place*|rename*in-place*) [ $kind = raw ] ;;
        *) return 1 ;;
    esac
}

step=21
[ -z "${V2V_TEST_LONG-}" ] || step=1
for kind in raw qcow2; do
    command=(--in-place -if $kind --convert
             "qemu-io -f raw $writes \"\$V2V_OVERLAY_URI_0\" >&2" "$dir/disk")
    prepare
    recorded 0 "${command[@]}"
    count=$(durable_calls)
    each_call >"$tmpdir/each"
    power_back
    expect_whole
    while read -r call; do
        ! is_important "$call" || fails "5 $call"
    done <"$tmpdir/each"
    for ((n = 1 + RANDOM % step; n <= count; n += step)); do
        fails "0 durable $n v2v-nbdkit-launch *"
    done
done
