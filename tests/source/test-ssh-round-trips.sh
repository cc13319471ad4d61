#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The round trips and the logins with which a file on a far SSH server begins:
# no more than libssh needs, with others close behind; but
# nobody tries to log in before somebody was let in.
. ./functions.sh

requires_ssh_plugin
requires_program python3 nbdinfo
make_disk "$tmpdir/disk" 1M
start_sshd 'LogLevel VERBOSE'
sshd_log=$tmpdir/logs/sshd

launch_far ()
{
    start_server far python3 "$abs_srcdir/servers/far.py" "$port" \
        "$sshd_port" "$ms" "$tmpdir/turns"
}

# far MS: a server that is 2 MS milliseconds further away.  Sets far_port.
far ()
{
    ms=$1
    start_on_port far.py launch_far
    far_port=$port
    printf '[127.0.0.1]:%s %s\n' "$port" \
        "$(cat "$tmpdir/ssh/host_key.pub")" >>"$ssh_known_hosts"
    : >"$sshd_log"
}

# look PORT IDENTITY: open the file.
look ()
{
    nbdkit -U - "$ssh_plugin" host=127.0.0.1 port="$1" user="$ssh_user" \
        identity="$2" known-hosts="$ssh_known_hosts" ahead=8 \
        path="$tmpdir/disk" --run "nbdinfo --size \"\$uri\""
}

# The client says that it is one; what it can do; its part of a key; that it
# will log in; who it is; that it wants a channel; SFTP; the file; good-bye.
far 60
expect look "$far_port" "$ssh_identity"
expect grep -q '^turn [12] 8$' "$tmpdir/turns"
expect_not grep -q '^turn [1-9] 10$' "$tmpdir/turns"
# All four are on their way when the first has its channel.
expect test "$(sed '/^turn [12] 7$/q' "$tmpdir/turns" |
                   grep -c '^begin')" = 4
expect test "$(grep -c '^begin' "$tmpdir/turns")" = 4

# Who is refused tries once more, on one connection, with all that there is.
ssh-keygen -q -t rsa -b 2048 -m PEM -N '' -f "$tmpdir/other"
: >"$sshd_log"
expect_not look "$far_port" "$tmpdir/other"
expect test "$(grep 'Failed publickey' "$sshd_log" | grep -o ' port [0-9]*' |
                   sort -u | wc -l)" -le 2

