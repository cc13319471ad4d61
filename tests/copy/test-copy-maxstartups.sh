#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# sshd drops connections while others log in (MaxStartups): those are done
# without, and the copy is whole.

. ./functions.sh
make_disk "$tmpdir/disk" 64M
start_sshd 'MaxStartups 4:100:4'
mkdir "$tmpdir/out"
# Two that never log in leave room for two more: one may be a probe that has
# not gone away when the first one for the copy comes.
exec {first}<>"/dev/tcp/127.0.0.1/$sshd_port"
exec {second}<>"/dev/tcp/127.0.0.1/$sshd_port"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect cmp "$tmpdir/disk" "$tmpdir/out/guest-sda"
# Newer ones write Maxstartups.
expect grep -qi MaxStartups "$tmpdir/logs/sshd"
expect_nothing_left
exec {first}>&- {second}>&-
