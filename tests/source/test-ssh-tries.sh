#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that takes few tries (MaxAuthTries) lets in who has a wrong key and
# the right password; who has nothing that is right is told so.
. ./functions.sh

requires_plugin ssh
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$tmpdir/wrong"
echo open-3e91-sesame >"$tmpdir/password"
start_sshd_with_password open-3e91-sesame 'MaxAuthTries 3'
url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      -io ssh-identity="$tmpdir/wrong")
run_expecting 0 "${copy[@]}" -ip "$tmpdir/password" "${ssh_options[@]}" "$url"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"

rm "$tmpdir/out"/*
stop_pid "$server_pid"
rm -r "$tmpdir/ssh"
start_sshd 'MaxAuthTries 2'
run_expecting 4:auth:false "${copy[@]}" \
    -io ssh-known-hosts="$ssh_known_hosts" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_error 'all possible authentication methods failed'
expect_nothing_left
