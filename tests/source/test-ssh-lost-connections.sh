#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Connections that are lost in the middle of a copy: others do their work, or a
# later one does.  The copy is whole.
. ./functions.sh

requires_ssh_plugin
requires_program nbdcopy pgrep
make_disk "$tmpdir/disk" 40M
mkdir "$tmpdir/out"

# copy NAME [ARGUMENT...]: copy the disk, and compare.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on "$1" \
        "${ssh_options[@]}" "${@:2}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
    expect_same "$tmpdir/disk" "$tmpdir/out/$1-sda"
    expect_nothing_left
}

# One hangs up.
start_peculiar_sshd "gone=2000000,$tmpdir/gone"
copy gone
expect test -e "$tmpdir/gone"
stop_pid "$server_pid"
rm -r "$tmpdir/ssh"

# New keys, again and again.
start_sshd 'RekeyLimit 1M'
copy rekeyed
stop_pid "$server_pid"
rm -r "$tmpdir/ssh"

# All of them end at once, and sshd comes back a little later.
start_sshd
run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on killed \
    "${ssh_options[@]}" --bandwidth 40M \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
wait_for test -e "$tmpdir/out/killed.part/sda"
sleep 1
children=$(pgrep -P "$server_pid")
kill -KILL "$server_pid"
# shellcheck disable=SC2086
kill -KILL $children
sleep 2
port=$sshd_port
launch_sshd
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/out/killed-sda"
expect_nothing_left

# A server that says nothing more is as bad as none, after the time that the
# plugin's parameter gives it.
stop_pid "$server_pid"
rm -r "$tmpdir/ssh"
start_peculiar_sshd "silent=2000000,$tmpdir/silent"
SECONDS=0
run_expecting 0 timeout 60 nbdkit -U - "$ssh_plugin" host=127.0.0.1 \
    port="$sshd_port" user="$ssh_user" identity="$ssh_identity" \
    known-hosts="$ssh_known_hosts" timeout=6 path="$tmpdir/disk" \
    --run "nbdcopy \"\$uri\" \"$tmpdir/copy\""
expect cmp "$tmpdir/disk" "$tmpdir/copy"
expect test -e "$tmpdir/silent"
expect_seconds 30
