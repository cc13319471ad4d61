#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused: what the file system in a partition says is free is not read,
# and is zero in the target, in a new file and in a device that held something
# else; everything else is there.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_program sfdisk
offset=$((1 << 20))
make_lived_in "$tmpdir/disk" 96 $offset
# Behind the partition, where nobody knows what is in use.
yes 'in no partition' | head -c 1M >>"$tmpdir/disk"
printf '2048,196608,L\n' | sfdisk -q "$tmpdir/disk"
free_runs "$tmpdir/disk" $offset >"$tmpdir/runs"
free=$(count_runs <"$tmpdir/runs")
expect test "$(awk '$2 < 16384' "$tmpdir/runs" | wc -l)" -ge 10
expect test "$free" -gt $((50 << 20))
cp "$tmpdir/disk" "$tmpdir/want"
zero_runs "$tmpdir/want" <"$tmpdir/runs"

# A file is read by itself, and in pieces of nbdkit's.
start_nbdkit source --readonly file "$tmpdir/disk"
for source in "$tmpdir/disk" "$nbdkit_uri"; do
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch --skip-unused on -v -o disk \
        -os "$tmpdir/out" -on guest --result-file "$tmpdir/result" "$source"
    expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
    expect_files "$tmpdir/out/guest-sda" $offset
    expect test "$(jq '.disks[0].bytes_unused' "$tmpdir/result")" = "$free"
    size=$(stat -c %s "$tmpdir/disk")
    expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" \
        -le $(((size - free) * 105 / 100))
    # The target has holes.
    expect test "$(($(stat -c %b "$tmpdir/out/guest-sda") * 512))" \
        -le $((size - free + 65536))
    expect_stderr 'sda: [0-9.]+ MiB are free'
    expect_stderr 'sda1: ext4, clean'
    expect_nothing_left
    rm -r "$tmpdir/out"
done

# Old data in the target are gone.
head -c "$size" /dev/zero | tr '\0' Z >"$tmpdir/target"
start_nbdkit target file "$tmpdir/target"
run_expecting 0 v2v-nbdkit-launch --skip-unused on --quiet -o nbd \
    -oo uri="$nbdkit_uri" "$tmpdir/disk"
expect_same "$tmpdir/want" "$tmpdir/target"
expect_no_stderr .

# Without the option nothing is left out.
run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --result-file "$tmpdir/result" "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/target"
expect test "$(jq '.disks[0].bytes_unused' "$tmpdir/result")" = 0
expect_nothing_left
