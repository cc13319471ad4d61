#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk in several files: the copy goes on when qemu-nbd and nbdkit are
# killed, and is not resumed when one of the files has changed.
. ./functions.sh

requires_plugin nbd
requires_program qemu-img
requires_filter rate
make_vmx "$tmpdir/vm"
size=$((140 << 20))
truncate -s $size "$tmpdir/raw"
write_random "$tmpdir/raw" 0 $size
cd "$tmpdir/vm"
head -c $((size / 2)) "$tmpdir/raw" >one
tail -c $((size / 2)) "$tmpdir/raw" >two
printf '%s\n' '# Disk DescriptorFile' version=1 CID=fffffffe \
    parentCID=ffffffff 'createType="twoGbMaxExtentFlat"' \
    "RW $((size / 1024)) FLAT \"one\" 0" \
    "RW $((size / 1024)) FLAT \"two\" 0" >"disk 1.vmdk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk
    -os "$tmpdir/out" -on guest)

run_in_background "${copy[@]}" --bandwidth 250M
wait_for test -e "$tmpdir/out/guest.part/sda"
for program in qemu-nbd nbdkit; do
    sleep 1
    for pid in $(children_called $program); do
        kill -KILL "$pid"
    done
done
wait_expecting 0
expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
expect_nothing_left
rm -r "$tmpdir/out/"*

run_in_background "${copy[@]}" --bandwidth 200M
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
touch -d '1 hour ago' two
run_expecting 4:source-changed:false "${copy[@]}" --resume
expect_error 'the file number 2 of sda changed'
rm -r "$tmpdir/out/"*

run_in_background "${copy[@]}" --bandwidth 200M
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/raw" "$tmpdir/out/guest-sda"
expect_nothing_left
