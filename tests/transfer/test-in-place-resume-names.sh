#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place --resume of a run that has finished knows its disks by other names,
# too: they are not converted twice.
. ./functions.sh

requires_root
requires_plugin file
make_disk "$tmpdir/behind" 4M
make_loop "$tmpdir/behind"
make_disk "$tmpdir/file" 4M
command=(v2v-nbdkit-launch --in-place --resume
         --convert "echo x >>'$tmpdir/converted'")
run_expecting 0 "${command[@]}" "$loop_device"
run_expecting 0 "${command[@]}" "$tmpdir/file"
expect test "$(wc -l <"$tmpdir/converted")" = 2

ln -s "$loop_device" "$tmpdir/link to a device"
run_expecting 0 "${command[@]}" "$tmpdir/link to a device"
expect grep -q '"changed":false' "$result_file"
ln -s "$tmpdir/file" "$tmpdir/link to a file"
run_expecting 0 "${command[@]}" "$tmpdir/link to a file"
expect grep -q '"changed":false' "$result_file"

# A new hard link is a change that cannot be told from others.
ln "$tmpdir/file" "$tmpdir/hard link"
run_expecting 1:target-changed:false "${command[@]}" "$tmpdir/hard link"
expect test "$(wc -l <"$tmpdir/converted")" = 2

# Whoever writes to the disk ends the record, by whatever name.
run_expecting 0 v2v-nbdkit-launch --in-place --convert true \
    "$tmpdir/link to a device"
run_expecting 0 "${command[@]}" "$loop_device"
expect test "$(wc -l <"$tmpdir/converted")" = 3
expect_nothing_left
