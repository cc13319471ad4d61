#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The source is compared when a copy is resumed: a file that was written or
# replaced, a device or an NBD server with another disk of the same size, are
# refused, and nothing is written.
. ./functions.sh

requires_plugin file
requires_filter rate
size=$((140 << 20))
truncate -s $size "$tmpdir/disk" "$tmpdir/other"
write_random "$tmpdir/disk" 0 $size
write_random "$tmpdir/other" 0 $size
mkdir "$tmpdir/out"

# interrupt SOURCE: end the copy when something is stored.
interrupt ()
{
    copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "$1")
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    remember "$tmpdir"/out/guest.part/*
}

# refused REGEX
refused ()
{
    run_expecting 4:source-changed:false "${copy[@]}" --resume
    expect_error "cannot resume: $1"
    expect_stderr 'hint: .*begin again, remove the journal'
    expect_untouched
    expect_nothing_left
}

completed ()
{
    run_expecting 0 "${copy[@]}" --resume
    expect_same "$1" "$tmpdir/out/guest-sda"
    expect test "$(ls -A "$tmpdir/out" | tr '\n' ' ')" = \
        'guest-sda guest.xml '
    rm -r "$tmpdir"/out/*
}

# Neither its size nor its mtime has changed.
interrupt "$tmpdir/disk"
cp -p "$tmpdir/disk" "$tmpdir/before"
printf X | dd of="$tmpdir/disk" bs=1 seek=100000 conv=notrunc status=none
touch -r "$tmpdir/before" "$tmpdir/disk"
refused "the file of sda changed from 'file .*' to 'file "
cp -p "$tmpdir/disk" "$tmpdir/new"
mv "$tmpdir/new" "$tmpdir/disk"
refused "the file of sda changed from 'file .*' to 'file "
mv "$tmpdir/disk" "$tmpdir/moved"
run_expecting 4 "${copy[@]}" --resume
expect_untouched
mv "$tmpdir/moved" "$tmpdir/disk"
rm -r "$tmpdir"/out/*

# The server has another disk now: nothing but its content tells.
start_nbdkit source file "$tmpdir/disk"
interrupt "$nbdkit_uri"
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/source.pid"
start_nbdkit source file "$tmpdir/other"
refused 'the source is not what the interrupted copy read: .* at offset'
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/source.pid"
start_nbdkit source file "$tmpdir/disk"
completed "$tmpdir/disk"

make_own_loop "$tmpdir/disk"
interrupt "$loop_device"
losetup --detach "$loop_device"
losetup "$loop_device" "$tmpdir/other"
refused "the file of sda changed from 'device .*' to 'device "
expect_nothing_left
