#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device: two nodes of one device are one target.
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

run_in_background v2v-nbdkit-launch -o device -oo path="$loop_device" \
    --convert "touch '$tmpdir/reached'; sleep 1000" "$tmpdir/disk"
wait_for test -e "$tmpdir/reached"
out=$tmpdir/out2 err=$tmpdir/err2 \
    run_expecting 1:target-busy:true v2v-nbdkit-launch -o device \
    -oo path="$tmpdir/node" "$tmpdir/disk"
kill "$tool_pid"
wait_expecting 143
expect_nothing_left
