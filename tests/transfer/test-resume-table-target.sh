#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The target is compared when a copy is resumed: another file, device or NBD
# export of the same size under the same name is refused, and nothing is written
# to it.
. ./functions.sh

requires_plugin file
requires_filter rate
size=$((140 << 20))
truncate -s $size "$tmpdir/disk" "$tmpdir/other"
write_random "$tmpdir/disk" 0 $size
write_random "$tmpdir/other" 0 $size
mkdir "$tmpdir/out"

# interrupt OUTPUT-OPTION...: end the copy when something is stored.
interrupt ()
{
    copy=(v2v-nbdkit-launch "$@" "$tmpdir/disk")
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for sh -c "ls '$state_dir'/*.journal || ls '$tmpdir'/out/*/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
}

# refused REGEX
refused ()
{
    run_expecting 6:target-changed:false "${copy[@]}" --resume
    expect_error "cannot resume: $1"
    expect_stderr 'hint: .*begin again, remove the journal'
    expect_untouched
    expect_nothing_left
}

# The unfinished disk is another one; then it is gone: the copy begins again.
interrupt -o disk -os "$tmpdir/out" -on guest
cp "$tmpdir/out/guest.part/sda" "$tmpdir/new"
mv "$tmpdir/new" "$tmpdir/out/guest.part/sda"
remember "$tmpdir"/out/guest.part/*
refused "the target of sda changed from 'file .*' to 'file "
rm "$tmpdir/out/guest.part/sda"
run_expecting 0 "${copy[@]}" --resume
expect_stderr 'does not exist any more: the copy begins again'
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
rm -r "$tmpdir"/out/*

# The same, of qcow2; and one that is the same file but holds something else.
interrupt -o disk -os "$tmpdir/out" -on guest -of qcow2
qemu-io -f qcow2 -c "write -P 7 0 $size" "$tmpdir/out/guest.part/sda" >&2
remember "$tmpdir"/out/guest.part/*
refused "$tmpdir/out/guest-sda does not hold what .* at offset"
rm -r "$tmpdir"/out/*

# The server has another disk now: nothing but its content tells.
truncate -s $size "$tmpdir/behind"
start_nbdkit target file "$tmpdir/behind"
interrupt -o nbd -oo uri="$nbdkit_uri"
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/target.pid"
start_nbdkit target file "$tmpdir/other"
remember "$tmpdir/other" "$state_dir"/*.journal
refused ".* does not hold what the interrupted copy wrote: .* at offset"
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/target.pid"
start_nbdkit target file "$tmpdir/behind"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/behind"

truncate -s 0 "$tmpdir/behind"
truncate -s $size "$tmpdir/behind"
make_own_loop "$tmpdir/behind"
interrupt -o device -oo path="$loop_device"
losetup --detach "$loop_device"
losetup "$loop_device" "$tmpdir/other"
remember "$tmpdir/other" "$state_dir"/*.journal
refused "the target of sda changed from 'device .*' to 'device "
expect_nothing_left
