#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The journal grows: what it adds is synced, after the data that it speaks of,
# and what could not be written is taken back, so that it can be read.
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_filter rate
truncate -s 280M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((280 << 20))
out_dir=$tmpdir/out
journal=$out_dir/guest.part/journal
part=$out_dir/guest.part/sda
copy=(-o disk -os "$out_dir" -on guest --bandwidth 300M)

mkdir "$out_dir"
# 28: No space left on device.  What was reserved is used.
recorded_failing 0 "28 write 1 v2v-nbdkit-launch $journal" "${copy[@]}" \
    "$tmpdir/disk"
named=$(first "rename 0 $journal.tmp $journal")
failed=$(first "write 28 $journal\b")
again=$(first "write 0 $journal\b" "$failed")
expect_order "$named" \
    "$(first "begin-fsync 0 $part\$" "$named")" \
    "$(first " fsync 0 $part\$" "$named")" \
    "$failed" \
    "$(first "ftruncate 0 $journal\b" "$failed")" \
    "$(first "unlink 0 $journal.reserve\$" "$failed")" \
    "$again" \
    "$(first "begin-fsync 0 $journal\$" "$again")" \
    "$(first " fsync 0 $journal\$" "$again")"
# Its name is, too, before there is more to say.
expect_order "$named" \
    "$(first " fsync 0 $out_dir/guest.part\$" "$named")" \
    "$(first "begin-fsync 0 $part\$" "$named")"
expect_same "$tmpdir/disk" "$out_dir/guest-sda"
rm -r "$out_dir"/*

# 5: Input/output error.  Nobody knows what the file holds now.
recorded_failing 0 "5 fsync 1 v2v-nbdkit-launch $journal" "${copy[@]}" \
    "$tmpdir/disk"
failed=$(first " fsync 5 $journal\$")
expect_order "$failed" "$(first "rename 0 $journal.tmp $journal" "$failed")"
expect_nothing_left
