#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused and --resume, where each block that is looked at again is used
# only in part: what was left out of it is not missed.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_filter rate
# Files of 24 KiB, of which each second one is deleted.
mkdir "$tmpdir/files"
head -c 24K <(random_bytes file) >"$tmpdir/file"
for i in {1..800}; do
    cp "$tmpdir/file" "$tmpdir/files/$i"
done
yes 'deleted data' | write_from_all "$tmpdir/disk" 25165824
mke2fs -q -F -t ext4 -b 4096 -O ^has_journal \
    -E nodiscard,lazy_itable_init=0 -d "$tmpdir/files" "$tmpdir/disk" \
    2>/dev/null
printf 'rm /%d\n' {1..800..2} | debugfs -w -f /dev/stdin "$tmpdir/disk" \
    >/dev/null 2>&1
rm "$tmpdir"/files/*[13579]
cp "$tmpdir/disk" "$tmpdir/want"
free_runs "$tmpdir/disk" | zero_runs "$tmpdir/want"
make_disk "$tmpdir/second" 64M
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --skip-unused on
      "$nbdkit_uri" "$tmpdir/second")
run_in_background "${copy[@]}" --bandwidth 20M
wait_for grep -q '"disk":0' "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137

run_expecting 0 "${copy[@]}" --resume --result-file "$tmpdir/result"
expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" = 0
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_files "$tmpdir/out/guest-sda"
expect_same "$tmpdir/second" "$tmpdir/out/guest-sdb"
expect_nothing_left
