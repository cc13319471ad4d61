#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A FIFO on the server would block for ever: given up, by our plugin at once.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
start_sshd
mkfifo "$tmpdir/fifo"
if uses_ssh_plugin; then
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
        "${ssh_options[@]}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/fifo"
    expect_error 'unknown file type'
fi

without_ssh_plugin
SECONDS=0
run_expecting 4:timeout:true v2v-nbdkit-launch -o null "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/fifo"
expect_error 'fifo: no answer after [0-9]+ seconds'
# The login worked, so a slow server gets its time.
expect_seconds 40
expect_nothing_left
