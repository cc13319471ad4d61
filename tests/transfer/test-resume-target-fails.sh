#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target that fails in the middle of a copy: --resume copies what was not
# stored, and zeroes it where the source has zeroes, whatever is there.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_filter error
size=$((200 << 20))
truncate -s $size "$tmpdir/disk" "$tmpdir/behind"
write_random "$tmpdir/disk" 0 $((140 << 20))
write_random "$tmpdir/disk" $((190 << 20)) $((10 << 20))
start_nbdkit target --filter=error file "$tmpdir/behind" error-pwrite=EIO \
    error-zero=EIO error-pwrite-rate=100% error-zero-rate=100% \
    error-file="$tmpdir/break"
copy=(v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" --retries 0
      "$tmpdir/disk")
run_in_background "${copy[@]}" --bandwidth 200M
wait_for sh -c "ls '$state_dir'/*.journal"
touch "$tmpdir/break"
wait_expecting 6:write:false:true
rm "$tmpdir/break"
write_random "$tmpdir/behind" $((160 << 20)) 1000000
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/behind"

# An unfinished file in which somebody else has written.
mkdir "$tmpdir/out"
write_into ()
{
    copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest -of "$1"
          "$tmpdir/disk")
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    qemu-io -f "$1" -c "write -P 7 160M 1M" "$tmpdir/out/guest.part/sda" >&2
}
write_into raw
run_expecting 0 "${copy[@]}" --resume
expect_same_image raw "$tmpdir/disk" raw "$tmpdir/out/guest-sda"
rm -r "$tmpdir"/out/*
# qemu has made it another image.
write_into qcow2
run_expecting 6:target-changed:false:false "${copy[@]}" --resume
expect_error 'is not the file that the interrupted copy was writing'
