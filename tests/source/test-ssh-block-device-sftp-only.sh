#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A block device of an account that may do nothing but SFTP, and logs in with
# a password.
. ./functions.sh

make_disk "$tmpdir/disk" 4M
make_loop "$tmpdir/disk"
echo sesame-7f3a >"$tmpdir/password"
start_sshd_with_password sesame-7f3a 'ForceCommand internal-sftp'
requires_ssh_size
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -ip "$tmpdir/password" -o disk \
    -os "$tmpdir/out" -on guest "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$loop_device"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nowhere sesame-7f3a
expect_nothing_left
