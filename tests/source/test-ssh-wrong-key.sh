#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A key that the server does not know: status 4, at once.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd
SECONDS=0
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$tmpdir/other"
run_expecting 4:auth:false v2v-nbdkit-launch -o null \
    -io ssh-identity="$tmpdir/other" \
    -io ssh-known-hosts="$ssh_known_hosts" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_error 'authentication methods failed'
expect_hint 'ssh-identity=FILE'
expect_seconds 5
expect_nothing_left
