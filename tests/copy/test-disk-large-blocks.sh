#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that is read in whole blocks of 64 KiB only, or in requests of 128
# KiB at most, is opened, converted and copied as any other.
. ./functions.sh

requires_filter blocksize-policy
make_disk "$tmpdir/disk" 8M
mkdir "$tmpdir/out"
disk=(-io filter=blocksize-policy -i nbdkit file "$tmpdir/disk"
      blocksize-minimum=65536 blocksize-preferred=65536
      blocksize-error-policy=error)
run_expecting 0 v2v-nbdkit-launch --check -o null "${disk[@]}"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --convert 'qemu-io -f qcow2 -c "read 1k 1k" "$V2V_OVERLAY_0" >&2' \
    "${disk[@]}"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left

requires_plugin eval
start_nbdkit limited eval block_size='echo 1 65536 131072' \
    get_size='echo 8M' pread="head -c \$3 '$tmpdir/disk'
        [ \$3 -le 131072 ] || { echo EINVAL too large >&2; exit 1; }"
run_expecting 0 v2v-nbdkit-launch -if raw -o null --retries 0 "$nbdkit_uri"
expect_nothing_left
