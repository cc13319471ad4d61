#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that hangs while --verify looks for the byte that differs does not
# keep a signal from ending the run.
. ./functions.sh

requires_plugin file
requires_plugin eval

size=$((130 << 20))
make_disk "$tmpdir/disk" $size
truncate -s $size "$tmpdir/target"
# The chunk that differs is read twice; the second time nothing comes.
start_nbdkit eval eval \
    get_size="echo $size" \
    pread="if [ \$4 = $((64 << 20)) ] && ! mkdir '$tmpdir/once' 2>/dev/null; then
               touch '$tmpdir/hangs'; sleep 1000
           fi
           dd if='$tmpdir/target' skip=\$4 count=\$3 iflag=count_bytes,skip_bytes status=none" \
    pwrite="dd of='$tmpdir/target' seek=\$4 conv=notrunc oflag=seek_bytes status=none
            printf X | dd of='$tmpdir/target' bs=1 seek=100000000 conv=notrunc status=none" \
    can_write='exit 0' flush='exit 0' can_flush='exit 0'
run_in_background v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" --verify \
    "$tmpdir/disk"
wait_for test -e "$tmpdir/hangs"
SECONDS=0
kill -INT "$tool_pid"
wait_expecting 7
expect_seconds 15
expect_nothing_left
