#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# sshd drops connections while others log in (MaxStartups): those are done
# without, and the copy is whole.

. ./functions.sh
make_disk "$tmpdir/disk" 64M
start_sshd 'MaxStartups 4:100:4'
mkdir "$tmpdir/out"

copy ()
{
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on "$1" \
        "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
    expect cmp "$tmpdir/disk" "$tmpdir/out/$1-sda"
    expect_nothing_left
}

# Two that never log in leave room for two more, which our plugin does with.
exec {first}<>"/dev/tcp/127.0.0.1/$sshd_port"
exec {second}<>"/dev/tcp/127.0.0.1/$sshd_port"
if uses_ssh_plugin; then
    copy two-at-once
    exec {third}<>"/dev/tcp/127.0.0.1/$sshd_port"
    copy one-at-once
    exec {third}>&-
fi

# One may be a probe that has not gone away when the first one for the copy
# comes.
without_ssh_plugin
copy guest
# Newer ones write Maxstartups.
expect grep -qi MaxStartups "$tmpdir/logs/sshd"
exec {first}>&- {second}>&-
