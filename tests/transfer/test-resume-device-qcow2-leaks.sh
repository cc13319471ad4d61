#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device -of qcow2: what a killed qemu-nbd had allocated, and nothing in the
# image refers to, is given back: the disk still fits on the device.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program qemu-img python3
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
truncate -s 152M "$tmpdir/behind"
make_loop "$tmpdir/behind"
copy=(v2v-nbdkit-launch -o device -oo path="$loop_device" -of qcow2
      "$tmpdir/disk")
run_in_background "${copy[@]}" --bandwidth 200M
wait_for sh -c "ls '$state_dir'/*.journal"
kill -KILL "$tool_pid"
wait_expecting 137

# As it is left when the refcounts were flushed, and the tables were not.
expect python3 - "$loop_device" <<'EOF'
import struct, sys
with open(sys.argv[1], "r+b") as device:
    clusters = device.seek(0, 2) // 65536
    device.seek(48)
    device.seek(struct.unpack(">Q", device.read(8))[0])
    block = struct.unpack(">Q", device.read(8))[0]
    device.seek(block)
    counts = struct.unpack(f">{clusters}H", device.read(2 * clusters))
    assert 0 in counts
    device.seek(block)
    device.write(struct.pack(f">{clusters}H", *(n or 1 for n in counts)))
EOF
expect_not qemu-img check -q -f qcow2 "$(qemu_name "$loop_device")" >"$tmpdir/check"
run_expecting 0 "${copy[@]}" --resume
expect_same_image raw "$tmpdir/disk" qcow2 "$loop_device"
expect qemu-img check -q -f qcow2 "$(qemu_name "$loop_device")"
expect_nothing_left
