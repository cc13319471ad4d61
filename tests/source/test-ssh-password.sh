#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A password logs in, and is seen nowhere.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
start_sshd_with_password open-3e91-sesame
echo open-3e91-sesame >"$tmpdir/password"
run_expecting 0 v2v-nbdkit-launch -v -x -o disk -os "$tmpdir/out" -on guest \
    --log "$tmpdir/run.log" -ip "$tmpdir/password" "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nowhere open-3e91-sesame
expect_nothing_left
