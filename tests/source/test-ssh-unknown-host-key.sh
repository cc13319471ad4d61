#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host key that is not known: status 4, and what to do.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd
SECONDS=0
: >"$ssh_known_hosts"
run_expecting 4:host-key:false v2v-nbdkit-launch -o null "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_error 'host key is unknown'
expect_hint 'log in once with ssh and accept the host key'
expect_seconds 5
expect_nothing_left
