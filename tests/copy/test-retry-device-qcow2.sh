#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device -of qcow2: the qemu-nbd that writes is killed again and again.  The
# copy goes on in the image that it has begun, and what was stored stays.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program qemu-img jq
truncate -s 200M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 209715200
truncate -s 202M "$tmpdir/behind"
make_loop "$tmpdir/behind" --sector-size 4096
run_in_background v2v-nbdkit-launch -o device -oo path="$loop_device" \
    -of qcow2 --bandwidth 250M --verify --result-file "$tmpdir/result" \
    "$tmpdir/disk"
wait_for sh -c "ls '$state_dir'/*.journal"
for _ in 1 2; do
    for pid in $(children_called qemu-nbd); do
        kill -KILL "$pid"
    done
    sleep 1.5
done
wait_expecting 0
expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 2
# Not all of it was read twice.
expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" -lt 400000000
expect_same_image raw "$tmpdir/disk" qcow2 "$loop_device"
expect_nothing_left
