#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that cannot be opened: the hint holds a command to try next, for
# this host, port and user, without a password.
. ./functions.sh

requires_plugin curl
requires_plugin nbd
requires_plugin ssh
requires_program ssh

# tries COMMAND STATUS ARGUMENT...
tries ()
{
    run_expecting "$2" v2v-nbdkit-launch -o null "${@:3}"
    expect grep -q "^hint: .*try: " "$err"
    # The rest of the line is a command for a shell.
    eval "command=($(sed -n 's/^hint: .*try: //p' "$err"))"
    expect test "${command[*]}" = "$1"
}

pick_port
tries "ssh -p$port root@127.0.0.1" 4:unreachable:true \
    "ssh://root:open-3e91@127.0.0.1:$port/x"
expect_not grep -q open-3e91 "$err"
tries "curl -v -u guest -r0-0 -o/dev/null http://127.0.0.1:$port/a%20b" \
    4:unreachable:true "http://guest:open-3e91@127.0.0.1:$port/a%20b"
expect_not grep -q open-3e91 "$err"
tries "nbdinfo nbd://127.0.0.1:$port" 4:unreachable:true \
    "nbd://127.0.0.1:$port"
pick_port
tries "virsh -c xen+ssh://root@127.0.0.1:$port/ list --all" \
    4:unreachable:true -ic "xen+ssh://root:open-3e91@127.0.0.1:$port/" guest
expect_not grep -q open-3e91 "$err"

# A server with other files.
start_sshd
tries "ssh -p$sshd_port -i$ssh_identity -oUserKnownHostsFile=$ssh_known_hosts \
$ssh_user@127.0.0.1 ls -l '/none of it'" \
    4:not-found:false "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port/none%20of%20it"
expect_hint "use sftp: sftp -P$sshd_port -i.* $ssh_user@127.0.0.1:/; try: ssh"
# Its key has changed.
ssh-keygen -q -t ed25519 -N '' -f "$tmpdir/other"
printf '[127.0.0.1]:%s %s\n' "$sshd_port" "$(cat "$tmpdir/other.pub")" \
    >"$ssh_known_hosts"
tries "ssh-keygen -f $ssh_known_hosts -R [127.0.0.1]:$sshd_port" \
    4:host-key:false "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port/x"
"${command[@]}" >/dev/null 2>&1
tries "ssh -p$sshd_port -i$ssh_identity -oUserKnownHostsFile=$ssh_known_hosts \
$ssh_user@127.0.0.1" 4:host-key:false \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port/x"
