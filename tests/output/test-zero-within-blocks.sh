#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Zeroes that begin and end within a block of the device: it gets all of them,
# and nothing beside them changes.
. ./functions.sh

requires_plugin eval
size=400100
truncate -s $size "$tmpdir/disk"
write_random "$tmpdir/disk" 0 1000
write_random "$tmpdir/disk" 200100 99900
start_nbdkit source eval get_size="echo $size" can_extents='exit 0' \
    pread="dd if='$tmpdir/disk' iflag=skip_bytes,count_bytes,fullblock \
           bs=1M skip=\$4 count=\$3 status=none" \
    extents='echo 0 1000; echo 1000 199100 hole,zero; echo 200100 99900
             echo 300000 100100 hole,zero'
tr '\0' '\377' </dev/zero | head -c 524288 >"$tmpdir/ones"
cp "$tmpdir/ones" "$tmpdir/want"
dd if="$tmpdir/disk" of="$tmpdir/want" conv=notrunc status=none
cp "$tmpdir/ones" "$tmpdir/target"
make_loop "$tmpdir/target"
for zero in auto write; do
    dd if="$tmpdir/ones" of="$loop_device" bs=1M conv=fsync status=none
    run_expecting 0 v2v-nbdkit-launch -if raw -o device \
        -oo path="$loop_device" -oo zero=$zero "$nbdkit_uri"
    expect_same "$tmpdir/want" "$loop_device"
done
expect_nothing_left
