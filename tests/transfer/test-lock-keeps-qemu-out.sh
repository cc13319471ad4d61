#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While a run writes to a disk no qemu can write to it.
. ./functions.sh

requires_plugin file
requires_filter rate
mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 32M

# qemu_refused FILE: the lock is the reason.
qemu_refused ()
{
    expect_not qemu-io -f raw -c 'write 0 512' "$1" >"$tmpdir/qemu" 2>&1
    expect grep -q 'lock' "$tmpdir/qemu"
    # Reading is allowed.
    expect qemu-io -r -f raw -c 'read 0 512' "$1" >/dev/null
}

start_at copying
qemu_refused "$tmpdir/out/guest.part/sda"
kill "$tool_pid"
wait_expecting 143:interrupted:true

truncate -s 64M "$tmpdir/target"
run_in_background v2v-nbdkit-launch -o device -oo path="$tmpdir/target" \
    --convert "touch '$tmpdir/reached2'; sleep 1000" "$tmpdir/disk"
wait_for test -e "$tmpdir/reached2"
qemu_refused "$tmpdir/target"
kill "$tool_pid"
wait_expecting 143:interrupted:true

cp "$tmpdir/disk" "$tmpdir/in-place"
run_in_background v2v-nbdkit-launch --in-place --convert \
    "touch '$tmpdir/reached3'; sleep 1000" "$tmpdir/in-place"
wait_for test -e "$tmpdir/reached3"
qemu_refused "$tmpdir/in-place"
kill "$tool_pid"
wait_expecting 143:interrupted:true
expect qemu-io -f raw -c 'write 0 512' "$tmpdir/in-place" >/dev/null
expect_nothing_left
