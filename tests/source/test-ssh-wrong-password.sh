#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A wrong password ends the run at once.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd_with_password open-3e91-sesame
echo sesame-7f3a >"$tmpdir/password"
SECONDS=0
run_expecting 4:auth:false v2v-nbdkit-launch -v -ip "$tmpdir/password" \
    -o null \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_error 'authentication methods failed|password authentication failed'
expect_hint '-ip FILE'
expect_detail 'nbdkit: .*authentication'
# It was sent, and nothing else.
expect grep -q '^Failed password for v2vtest' "$tmpdir/logs/sshd"
expect_nowhere sesame-7f3a
# The server itself takes its time over a wrong password.
expect_seconds 8
expect_nothing_left
