#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target that takes longer for what was read than the stall timeout: the
# source's next answers, which have come meanwhile, do not count as late.
. ./functions.sh

requires_plugin file
requires_filter delay
requires_filter noextents
# 16 writes and 16 requests to zero for each read of 2 MiB.
truncate -s 4M "$tmpdir/disk" "$tmpdir/target"
for ((offset = 0; offset < 4194304; offset += 131072)); do
    write_random "$tmpdir/disk" $offset 65536
done
start_nbdkit target --filter delay file "$tmpdir/target" \
    delay-write=100ms delay-zero=100ms
target=$nbdkit_uri
start_nbdkit source --filter noextents file "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$target" \
    --connections 1 --request-size 2M --stall-timeout 2 --retries 0 \
    --result-file "$tmpdir/result" "$nbdkit_uri"
expect_same "$tmpdir/disk" "$tmpdir/target"
expect test "$(jq '.disks[0].retries' "$tmpdir/result")" = 0
expect_nothing_left

# A flush takes as long as it takes.
requires_plugin eval
start_nbdkit flushes eval get_size='echo 4M' can_write='exit 0' \
    pread='exit 1' can_zero='exit 0' zero='exit 0' \
    pwrite="dd of='$tmpdir/flushed' oflag=seek_bytes seek=\$4 conv=notrunc \
            status=none" can_flush='exit 0' flush='sleep 3'
run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$nbdkit_uri" \
    --stall-timeout 1 "$tmpdir/disk"
expect_nothing_left
