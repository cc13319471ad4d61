#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A user's name with @ in it, as directories of domains have them.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
echo sesame-7f3a >"$tmpdir/password"
ssh_user=adm@dom.example
start_sshd_with_password sesame-7f3a
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -ip "$tmpdir/password" -o disk \
    -os "$tmpdir/out" -on guest "${ssh_options[@]}" \
    "ssh://adm%40dom.example@127.0.0.1:$sshd_port$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"

run_expecting 2:usage:false v2v-nbdkit-launch -ip "$tmpdir/password" -o null \
    "${ssh_options[@]}" \
    "ssh://adm@dom.example@127.0.0.1:$sshd_port$tmpdir/disk"
expect_hint 'write @ as %40'

# In messages and hints it is something that can be given again.
run_expecting 4:not-found:false v2v-nbdkit-launch -ip "$tmpdir/password" \
    -o null "${ssh_options[@]}" \
    "ssh://adm%40dom.example@127.0.0.1:$sshd_port$tmpdir/none"
expect_error "cannot open ssh://adm%40dom.example@127.0.0.1:$sshd_port"
expect_hint "try: ssh .*adm@dom.example@127.0.0.1 "
expect_nothing_left
