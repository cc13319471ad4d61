#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host key that differs: status 4, told from an unknown one.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd
SECONDS=0
printf '[127.0.0.1]:%s %s\n' "$sshd_port" "$(ssh-keygen -q -t ed25519 -N '' \
    -f "$tmpdir/k" >&2; cat "$tmpdir/k.pub")" >"$ssh_known_hosts"
run_expecting 4:host-key:false v2v-nbdkit-launch -o null "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
# Its own words are nbdkit's.
expect_error 'host key for server changed'
expect_hint 'was not reinstalled'
expect_hint 'try: ssh-keygen .*-R'
expect_seconds 5
expect_nothing_left
