#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk of 8 TiB that holds next to nothing takes no time.
. ./functions.sh

requires_plugin file
truncate -s 8T "$tmpdir/disk" || skip 'the file system has no such files'
write_random "$tmpdir/disk" 7000000000000 100000
mkdir "$tmpdir/out"
SECONDS=0
run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -of qcow2 -on guest "$tmpdir/disk"
expect_seconds 60
expect test "$(virtual_size qcow2 "$tmpdir/out/guest-sda")" = $((8 << 40))
dd if="$tmpdir/disk" of="$tmpdir/want" bs=100000 skip=70000000 count=1 \
    status=none
qemu-img dd -f qcow2 -O raw bs=100000 skip=70000000 count=70000001 \
    if="$tmpdir/out/guest-sda" of="$tmpdir/got" || :
expect cmp -n 100000 "$tmpdir/want" "$tmpdir/got"
