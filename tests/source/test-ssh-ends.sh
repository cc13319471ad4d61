#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit is told to end while a client waits for an SSH server that says
# nothing, in the middle of a file or before its first word: it ends soon.
. ./functions.sh

requires_ssh_plugin
requires_program nbdcopy socat
make_disk "$tmpdir/disk" 40M

# begin PORT: nbdkit, and somebody who reads all that there is.
begin ()
{
    start_server nbdkit nbdkit -f -U "$tmpdir/socket" --pidfile \
        "$tmpdir/pid" "$ssh_plugin" host=127.0.0.1 port="$1" \
        user="$ssh_user" identity="$ssh_identity" \
        known-hosts="$ssh_known_hosts" path="$tmpdir/disk"
    nbdkit_pid=$server_pid
    wait_for test -s "$tmpdir/pid"
    start_server reader nbdcopy "nbd+unix:///?socket=$tmpdir/socket" null:
}

# expect_end: SIGTERM is enough, and no time limit of libssh's is waited for.
expect_end ()
{
    SECONDS=0
    kill "$nbdkit_pid"
    wait "$nbdkit_pid" || :
    expect_seconds 4
    rm -f "$tmpdir/pid" "$tmpdir/socket"
}

start_peculiar_sshd "silent=2000000,$tmpdir/silent"
begin "$sshd_port"
wait_for test -e "$tmpdir/silent"
expect_end

start_silent_server
begin "$silent_port"
sleep 1
expect_end
