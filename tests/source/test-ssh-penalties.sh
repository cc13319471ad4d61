#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An address that OpenSSH (since 9.8) shuts out after a failed login: the user
# is told so.
. ./functions.sh

requires_program ssh-keygen
ssh-keygen -q -t ed25519 -N '' -f "$tmpdir/key"
sshd=$(PATH=$PATH:/usr/sbin type -P sshd) || skip "sshd is not installed"
"$sshd" -t -h "$tmpdir/key" -f /dev/null -o PerSourcePenalties=no \
    2>/dev/null || skip "sshd is older than OpenSSH 9.8"
make_disk "$tmpdir/disk" 1M
start_sshd 'PerSourcePenalties authfail:60s min:1s'
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$tmpdir/other"
url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk
run_expecting 4:auth:false v2v-nbdkit-launch -o null \
    -io ssh-known-hosts="$ssh_known_hosts" \
    -io ssh-identity="$tmpdir/other" "$url"
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "${ssh_options[@]}" "$url"
expect_error 'the server says: Not allowed at this time$'
expect_hint 'PerSourcePenalties'
expect_nothing_left
