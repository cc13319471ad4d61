#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A directory on the server: status 4, at once.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd
SECONDS=0
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/tmp"
expect_error 'SFTP server: Failure|unknown file type'
expect_hint 'is the path a directory'
expect_seconds 5
expect_nothing_left
