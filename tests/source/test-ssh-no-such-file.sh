#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file that is not on the server: status 4, at once.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd
SECONDS=0
run_expecting 4:not-found:false v2v-nbdkit-launch -o null "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/none"
expect_error 'none: .*No such file'
expect_hint 'absolute on the server'
expect_seconds 5
expect_nothing_left
