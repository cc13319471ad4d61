#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without our plugin for ssh a disk is read through nbdkit's: it arrives whole,
# and what goes wrong reads the same.
. ./functions.sh

make_disk "$tmpdir/disk" 20M
mkdir "$tmpdir/out"
start_sshd
without_ssh_plugin
url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "${ssh_options[@]}" "$url/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    "${ssh_options[@]}" "$url/none"
expect_error 'No such file'
run_expecting 4:auth:false v2v-nbdkit-launch -o null \
    -io ssh-known-hosts="$ssh_known_hosts" \
    "ssh://nobody@127.0.0.1:$sshd_port/x"
expect_nothing_left
