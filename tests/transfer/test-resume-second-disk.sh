#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The second of two disks is compared as the first is when a copy is resumed:
# its file, and where that does not tell what it holds.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 140M "$tmpdir/first"
truncate -s 2M "$tmpdir/second" "$tmpdir/other"
write_random "$tmpdir/first" 0 $((140 << 20))
write_random "$tmpdir/second" 0 $((2 << 20))
write_random "$tmpdir/other" 0 $((2 << 20))
mkdir "$tmpdir/out"

# interrupt SECOND: end the copy when some of both disks is stored.
interrupt ()
{
    copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
          "$tmpdir/first" "$1")
    run_in_background "${copy[@]}" --bandwidth 200M --parallel 2
    wait_for grep -q '"disk":1' "$tmpdir/out/guest.part/journal"
    wait_for grep -q '"disk":0' "$tmpdir/out/guest.part/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    remember "$tmpdir"/out/guest.part/*
}

# refused REGEX
refused ()
{
    run_expecting 4:source-changed:false "${copy[@]}" --resume
    expect_error "$1"
    expect_untouched
    expect_nothing_left
}

interrupt "$tmpdir/second"
cp "$tmpdir/second" "$tmpdir/before"
printf X | dd of="$tmpdir/second" bs=1 seek=100000 conv=notrunc status=none
refused "cannot resume: the file of sdb changed from 'file .*' to 'file "
cp "$tmpdir/before" "$tmpdir/second"
rm -r "$tmpdir"/out/*

start_nbdkit source file "$tmpdir/second"
interrupt "$nbdkit_uri"
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/source.pid"
start_nbdkit source file "$tmpdir/other"
refused 'the source is not what the interrupted copy read: .* at offset'
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/source.pid"
start_nbdkit source file "$tmpdir/second"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/first" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/second" "$tmpdir/out/guest-sdb"
expect_nothing_left
