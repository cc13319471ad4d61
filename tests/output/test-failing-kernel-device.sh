#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel takes what is written to a device, and cannot write it back: never
# status 0, and with --resume the target is whole when the cause is mended.
. ./functions.sh
. "$abs_srcdir/failing-kernel.sh"

requires_plugin file

# make_source CHUNKS: a disk with a megabyte of data in each 64 MiB.
make_source ()
{
    local i

    rm -f "$tmpdir/disk"
    truncate -s $(($1 << 26)) "$tmpdir/disk"
    ranges=()
    for ((i = 0; i < $1; i++)); do
        write_random "$tmpdir/disk" $((i << 26)) $((1 << 20))
        # Only the second one cannot be written.
        [ $i = 1 ] || ranges+=("$((i << 26)):$((1 << 20))")
    done
}

# With many, the error is met while the copy still goes on; with two, by one of
# the last flushes.
for chunks in 12 2; do
    make_source $chunks
    make_full_loop $((chunks << 26)) "${ranges[@]}"
    # The device is zero, and zeroing would free what is allocated.
    run_expecting 6 v2v-nbdkit-launch -o device -oo path="$loop_device" \
        -oo zero=skip "$tmpdir/disk"
    expect_error "cannot write $loop_device: Input/output error"
    # Nothing is taken for stored that is not.
    run_expecting '6|8' v2v-nbdkit-launch -o device \
        -oo path="$loop_device" --resume -oo zero=skip "$tmpdir/disk"
    mend_loop
    run_expecting 0 v2v-nbdkit-launch -o device -oo path="$loop_device" \
        --resume -oo zero=skip "$tmpdir/disk"
    forget_cache
    expect_same "$tmpdir/disk" "$loop_device"
    expect_nothing_left
done
