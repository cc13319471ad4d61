#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# qemu-nbd has a limit on the memory that it can use, as qemu-img has when it
# looks at an image; it grows with what is asked of it.
. ./functions.sh

requires_program qemu-io prlimit
make_disk "$tmpdir/src" 8M

# limit_is BYTES ARGUMENT...: a qemu-nbd of such a run has this limit.
limit_is ()
{
    local bytes=$1

    shift
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/src" -o null "$@" --convert '
        qemu-io -f raw -c "read 0 64k" "$V2V_OVERLAY_URI_0" &&
        for pid in $(cat /proc/$PPID/task/$PPID/children); do
            [ "$(cat /proc/$pid/comm)" != qemu-nbd ] ||
                prlimit --data --noheadings --output HARD --pid $pid
        done'
    expect_stdout "^ *$bytes$"
}

limit_is $((8 << 30))
limit_is $(((4 << 30) + 64 * 16 * (32 << 20))) --connections 64 \
    --request-size 32M
expect_nothing_left
