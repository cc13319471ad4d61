#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a finished copy between devices: that one of them was written to
# is noticed, wherever, and that another one has its name.
. ./functions.sh

requires_plugin file
requires_program jq blockdev
result=$tmpdir/result
for name in source target; do
    truncate -s 64M "$tmpdir/$name.img" "$tmpdir/$name-2.img"
    write_random "$tmpdir/$name.img" 0 1048576
    make_own_loop "$tmpdir/$name.img"
    declare "$name=$loop_device"
done
copy=(v2v-nbdkit-launch --result-file "$result" --resume -o device
      -oo path="$target" "$source")
write () { printf "$RANDOM" | dd of="$1" bs=1 seek=$((RANDOM * 1400)) \
               oflag=sync conv=notrunc status=none; }
changed () { jq .changed "$result"; }
# attach DEVICE FILE: let the device have another file
attach () { losetup --detach "$1"; losetup "$1" "$2"; }

for expected in true false false; do
    run_expecting 0 "${copy[@]}"
    expect test "$(changed)" = $expected
done
expect_same "$source" "$target"

write "$target"
run_expecting 1 "${copy[@]}"
expect_error "$target has been written to"
expect test "$(jq -r .reason "$result")" = target-changed

run_expecting 0 "${copy[@]/--resume/-q}"
write "$source"
run_expecting 4 "${copy[@]}"
expect_error 'content of disk sda has changed'
expect test "$(jq -r .reason "$result")" = source-changed

run_expecting 0 "${copy[@]/--resume/-q}"
cp "$tmpdir/target.img" "$tmpdir/target-2.img"
attach "$target" "$tmpdir/target-2.img"
run_expecting 1 "${copy[@]}"
expect_error "$target has changed since then, or has been replaced"
expect_same "$tmpdir/target.img" "$tmpdir/target-2.img"
run_expecting 0 "${copy[@]/--resume/-q}"
cp "$tmpdir/source.img" "$tmpdir/source-2.img"
attach "$source" "$tmpdir/source-2.img"
run_expecting 4 "${copy[@]}"
expect_error 'file of sda changed'
expect_nothing_left

# A loop device is known by its file, other devices by what the kernel counts.
requires_program addpart
make_loop "$tmpdir/source.img"
addpart "$loop_device" 1 2048 100000 2>/dev/null ||
    skip "loop devices have no partitions here"
cleanup_fn delpart "$loop_device" 1
wait_for test -b "${loop_device}p1"
truncate -s 48M "$tmpdir/small"
copy=(v2v-nbdkit-launch --result-file "$result" --resume -o device
      -oo path="${loop_device}p1" "$tmpdir/small")
for expected in true false false; do
    run_expecting 0 "${copy[@]}"
    expect test "$(changed)" = $expected
done
write "${loop_device}p1"
run_expecting 1 "${copy[@]}"
expect_error "p1 has (been written to|changed)"
expect test "$(jq -r .reason "$result")" = target-changed
