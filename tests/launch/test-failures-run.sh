#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong while disks are converted and copied: status and reason of
# each.
. ./functions.sh

requires_plugin file
requires_plugin eval
requires_filter error
disk=$tmpdir/disk
make_disk "$disk" 2M
mkdir "$tmpdir/out" "$tmpdir/www"
start_nginx

# start_changing_target: an NBD server that stores one byte wrong.
start_changing_target ()
{
    truncate -s 2M "$tmpdir/changing"
    start_nbdkit changing eval get_size='echo 2M' can_write='exit 0' \
        can_flush='exit 0' flush='exit 0' \
        pread="dd if='$tmpdir/changing' skip=\$4 count=\$3 \
               iflag=count_bytes,skip_bytes status=none" \
        pwrite="dd of='$tmpdir/changing' seek=\$4 conv=notrunc \
                oflag=seek_bytes status=none
                printf X | dd of='$tmpdir/changing' bs=1 seek=100 \
                conv=notrunc status=none"
}

# finish_run NAME: a run that --resume would bring to its end.  change FILE.
finish_run ()
{
    run_expecting 0 v2v-nbdkit-launch --resume -os "$tmpdir/out" -on "$1" \
        "$disk"
}

change () { printf X | dd of="$1" bs=1 conv=notrunc status=none; }

# stopped_by SIGNAL
stopped_by ()
{
    made_failure=yes
    start_at converting
    kill -"$1" "$tool_pid"
    wait_expecting "$want"
}

run_failures run
