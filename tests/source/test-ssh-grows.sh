#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file on an SSH server that grows, or becomes shorter, while it is copied:
# status 6, and no target.
. ./functions.sh

requires_plugin ssh
start_sshd
mkdir "$tmpdir/out"
for size in 120M 60M; do
    rm -f "$tmpdir/disk"
    make_disk "$tmpdir/disk" 100M
    run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        "${ssh_options[@]}" --bandwidth 80M --retries 1 \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
    wait_for test -s "$tmpdir/out/guest.part/sda"
    sleep 0.5
    truncate -s $size "$tmpdir/disk"
    wait_expecting 6:source-changed:false
    expect_error 'the size of the (source|file) changed|End of file'
    expect test ! -e "$tmpdir/out/guest-sda"
    rm -rf "$tmpdir/out"/*
    expect_nothing_left
done
