#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device: two nodes of one device are one target, and so are a loop device
# and its file.
. ./functions.sh

requires_root
requires_plugin file
make_disk "$tmpdir/disk" 16M
truncate -s 16M "$tmpdir/behind"
make_loop "$tmpdir/behind"
mknod "$tmpdir/node" b $(stat -c '0x%t 0x%T' "$loop_device")
cat "$tmpdir/node" >/dev/null || skip "device nodes do not work here"

# Twice in one run: also its file is the same.
for other in "$loop_device" "$tmpdir/node" "$tmpdir/behind"; do
    run_expecting 2:usage:false v2v-nbdkit-launch -o device \
        -oo path="$loop_device" -oo path="$other" "$tmpdir/disk" "$tmpdir/disk"
    expect_error 'same target'
done
# As the source, too.
for other in "$tmpdir/node" "$tmpdir/behind"; do
    run_expecting 2:usage:false v2v-nbdkit-launch -o device \
        -oo path="$loop_device" "$other"
    expect_error 'source disk'
done

# In two runs.
for targets in "$loop_device $tmpdir/node" "$tmpdir/node $loop_device" \
               "$loop_device $tmpdir/behind" "$tmpdir/behind $loop_device"; do
    rm -f "$tmpdir/reached"
    run_in_background v2v-nbdkit-launch -o device -oo path="${targets% *}" \
        --convert "touch '$tmpdir/reached'; sleep 1000" "$tmpdir/disk"
    wait_for test -e "$tmpdir/reached"
    out=$tmpdir/out2 err=$tmpdir/err2 \
        run_expecting 1:target-busy:true v2v-nbdkit-launch -o device \
        -oo path="${targets#* }" "$tmpdir/disk"
    kill "$tool_pid"
    wait_expecting 143
done

# The kernel has it for somebody alone, as for a file system that is mounted.
exec 9> >(python3 -c 'import os, sys
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_EXCL)
open(sys.argv[2], "w").close()
sys.stdin.read()' "$tmpdir/node" "$tmpdir/held")
holder=$!
wait_for test -e "$tmpdir/held"
run_expecting 1:target-busy:true v2v-nbdkit-launch -o device \
    -oo path="$loop_device" "$tmpdir/disk"
expect_hint 'mounted'
exec 9>&-
wait "$holder"

# A guest has the file.
start_qemu_nbd behind -f raw "$tmpdir/behind"
run_expecting 1:target-busy:true v2v-nbdkit-launch -o device \
    -oo path="$loop_device" "$tmpdir/disk"
expect_error 'qemu-nbd, PID'
stop_pid "$qemu_nbd_pid"
run_expecting 0 v2v-nbdkit-launch -o device -oo path="$loop_device" --verify \
    "$tmpdir/disk"
expect_nothing_left
