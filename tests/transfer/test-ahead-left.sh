#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a conversion has freed is not read any more when it has ended, and what
# was copied of that before takes no room.
. ./functions.sh

requires_plugin pattern
requires_filter rate
start_nbdkit source --readonly pattern 700M
mkdir "$tmpdir/out"
truncate -s 700M "$tmpdir/want"
write_random "$tmpdir/want" 300000000 4096
dd if="$tmpdir/want" of="$tmpdir/kept" bs=4096 skip=300000000 count=1 \
    iflag=skip_bytes status=none
for format in raw qcow2; do
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        -of $format --bandwidth 600M --convert \
        "sleep 1; qemu-io -f raw -c 'discard 0 350M' -c 'discard 350M 350M' \
             -c 'write -s $tmpdir/kept 300000000 4096' \
             \"\$V2V_OVERLAY_URI_0\" >/dev/null" "$nbdkit_uri"
    expect_stderr 'Copying the source meanwhile'
    expect_same_image raw "$tmpdir/want" $format "$tmpdir/out/guest-sda"
    expect test "$(jq .disks[0].bytes_read "$result_file")" -lt 400000000
    expect test "$(stat -c %b "$tmpdir/out/guest-sda")" -lt 20000
done
expect qemu-img check -q "$tmpdir/out/guest-sda"
expect_nothing_left
