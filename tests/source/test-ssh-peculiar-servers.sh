#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SFTP servers that send little at a time, in another order than asked for, or
# that know a file's size only when it is open: the copy is whole.
. ./functions.sh

requires_ssh_plugin
make_disk "$tmpdir/disk" 6M
truncate -s +512 "$tmpdir/disk"
mkdir "$tmpdir/out"

n=0
for kind in max=32768 max=65536 'max=7777 reversed' reversed no-stat; do
    options=()
    # Long enough for another look at the file.
    [ "$kind" != no-stat ] || options=(--bandwidth 4M)
    # shellcheck disable=SC2086
    start_peculiar_sshd $kind
    n=$((n + 1))
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on "guest$n" \
        "${options[@]}" "${ssh_options[@]}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest$n-sda"
    expect_nothing_left
    stop_pid "$server_pid"
    rm -r "$tmpdir/ssh"
done
