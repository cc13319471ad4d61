#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host key that is not known is not a changed one, whatever the disk is
# called: the command to try logs in, and forgets no key.
. ./functions.sh

make_disk "$tmpdir/changed" 1M
start_sshd
: >"$ssh_known_hosts"
run_expecting 4:host-key:false v2v-nbdkit-launch -o null "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/changed"
expect_error 'host key is unknown'
expect_hint 'log in once with ssh and accept the host key'
expect_hint "try: ssh -p$sshd_port"
expect_no_stderr 'ssh-keygen'
expect_nothing_left
