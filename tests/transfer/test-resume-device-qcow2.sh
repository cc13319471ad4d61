#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device -of qcow2: an interrupted copy is completed in the image that it
# has begun, a finished one is not done again, and what is on the device is
# looked at before.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq qemu-img
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
truncate -s 160M "$tmpdir/behind"
make_loop "$tmpdir/behind"
result=$tmpdir/result
copy=(v2v-nbdkit-launch -o device -oo path="$loop_device"
      --result-file "$result" "$tmpdir/disk")

# interrupt SIGNAL: end a copy when something of it is stored.
interrupt ()
{
    run_in_background "${copy[@]}" -of qcow2 --bandwidth 200M
    wait_for sh -c "ls '$state_dir'/*.journal"
    kill -"$1" "$tool_pid"
    wait_expecting $((128 + $(kill -l "$1")))
    expect_nothing_left
}

interrupt KILL
run_expecting 1:target-busy:false:true "${copy[@]}" -of qcow2
expect_error 'journal'
run_expecting 4:source-changed:false "${copy[@]}" --resume
expect_error "cannot resume: the format of the output changed"
run_expecting 0 "${copy[@]}" -of qcow2 --resume --verify
expect test "$(jq '.disks[0].bytes_read' "$result")" -lt 157286400
expect test "$(jq '.disks[0].verified' "$result")" = true
expect_same_image raw "$tmpdir/disk" qcow2 "$loop_device"
expect qemu-img check -q -f qcow2 "$(qemu_name "$loop_device")"

run_expecting 0 "${copy[@]}" -of qcow2 --resume
expect test "$(jq .changed "$result")" = false
printf x | dd of="$loop_device" bs=1 seek=10000000 oflag=sync status=none
run_expecting 1:target-changed:false "${copy[@]}" -of qcow2 --resume
expect_error "$loop_device has been written to"
run_expecting 0 "${copy[@]}" -of qcow2

# Another image, or none, on the device.
interrupt TERM
qemu-img create -q -f qcow2 "$(qemu_name "$loop_device")" 1M
run_expecting 6:target-changed:false "${copy[@]}" -of qcow2 --resume
rm "$state_dir"/*.journal
interrupt TERM
head -c 65536 /dev/zero >"$loop_device"
run_expecting 6:target-changed:false "${copy[@]}" -of qcow2 --resume
expect_nothing_left
