#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A block device over ssh arrives whole, whatever its size, though the SFTP
# server says that it has 0 bytes.
. ./functions.sh

# A first guess at the size is 1 GiB: less than that, and more.
make_disk "$tmpdir/small" 4M
truncate -s +512 "$tmpdir/small"
make_disk "$tmpdir/large" 3M
truncate -s 1100M "$tmpdir/large"
printf x | dd of="$tmpdir/large" bs=1 seek=$((1100 * 1024 * 1024 - 1)) \
    conv=notrunc status=none
make_loop "$tmpdir/small"
small=$loop_device
make_loop "$tmpdir/large"
start_sshd
requires_ssh_size
url=ssh://$ssh_user@127.0.0.1:$sshd_port

mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --verify "${ssh_options[@]}" "$url$small" "$url/$loop_device"
expect_same "$tmpdir/small" "$tmpdir/out/guest-sda"
expect_same "$tmpdir/large" "$tmpdir/out/guest-sdb"
rm -r "$tmpdir/out"

run_expecting 0 v2v-nbdkit-launch --check -o null "${ssh_options[@]}" \
    "$url$small"
expect_stdout "size: 4 MiB .$((4 * 1024 * 1024 + 512)) bytes"

expect_nothing_left
