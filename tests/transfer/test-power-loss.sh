#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The power is cut, and what was not on stable storage is lost.  After status 0
# the target is whole; from any moment before that, --resume makes it whole.
# (V2V_TEST_LONG=1: each call that makes something durable is such a moment,
# else some of them.)
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_program qemu-io
RANDOM=${V2V_TEST_SEED-$$}
make_disk "$tmpdir/disk" 2M
cp "$tmpdir/disk" "$tmpdir/converted"
qemu-io -f raw -c 'write -P 7 1M 64k' "$tmpdir/converted" >/dev/null
convert='qemu-io -f raw -c "write -P 7 1M 64k" "$V2V_OVERLAY_URI_0" >&2'
out_dir=$tmpdir/out

prepare ()
{
    rm -rf "$out_dir" "$TMPDIR" "$tmpdir/state"
    mkdir "$out_dir" "$TMPDIR" "$tmpdir/state"
    power_on "$out_dir" "$TMPDIR" "$tmpdir/state"
}

# expect_whole FORMAT DISK: the target is like DISK.
expect_whole ()
{
    expect_same_image raw "$2" "$1" "$out_dir/guest-sda"
    expect test -s "$out_dir/guest.xml"
    # A file that only held space may be back.
    expect test "$(ls -I '*.reserve' "$out_dir")" = $'guest-sda\nguest.xml'
}

# cut_anywhere STEP FORMAT DISK ARGUMENT...
cut_anywhere ()
{
    local step=$1 format=$2 disk=$3 count n

    [ -z "${V2V_TEST_LONG-}" ] || step=1
    shift 3
    prepare
    recorded 0 "$@" "$tmpdir/disk"
    count=$(durable_calls)
    power_back
    expect_whole "$format" "$disk"
    for ((n = 1 + RANDOM % step; n <= count; n += step)); do
        prepare
        recorded_failing '137|0' "0 durable $n v2v-nbdkit-launch *" "$@" \
            "$tmpdir/disk"
        [ ! -e "$stable/off" ] || echo "cut at call $n of $count: $*" >&2
        power_back
        run_expecting 0 v2v-nbdkit-launch "$@" --resume "$tmpdir/disk"
        expect_whole "$format" "$disk"
    done
}

command=(-o disk -os "$out_dir" -on guest)
cut_anywhere 5 raw "$tmpdir/disk" "${command[@]}"
cut_anywhere 6 qcow2 "$tmpdir/disk" "${command[@]}" -of qcow2
cut_anywhere 9 raw "$tmpdir/converted" "${command[@]}" --convert "$convert"
