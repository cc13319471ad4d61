#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# ssh servers that do not give the disk: status and reason of each.
. ./functions.sh

start_sshd
start_silent_server
make_disk "$tmpdir/disk" 2M
echo rubbish >"$tmpdir/rubbish.vmx"
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$tmpdir/other"
ssh-keygen -q -t ed25519 -N '' -f "$tmpdir/third"
printf '[127.0.0.1]:%s %s\n' "$sshd_port" "$(cat "$tmpdir/other.pub")" \
    >"$tmpdir/other-type"
printf '[127.0.0.1]:%s %s\n' "$sshd_port" "$(cat "$tmpdir/third.pub")" \
    >"$tmpdir/changed"
ssh_url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir
run_failures ssh
