#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An account that may use nothing but SFTP: its files are read, and the command
# in the hint about one that is not there works for it.
. ./functions.sh

requires_program sftp
mkdir "$tmpdir/disks [x]" "$tmpdir/out"
make_disk "$tmpdir/disks [x]/disk" 1M
start_sshd 'ForceCommand internal-sftp'
url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disks%20%5Bx%5D
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "${ssh_options[@]}" "$url/disk"
expect_same "$tmpdir/disks [x]/disk" "$tmpdir/out/guest-sda"

run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    "${ssh_options[@]}" "$url/none"
sed -n 's/^hint: .*only use sftp: \(sftp .*\); try: ssh .*/\1/p' "$err" \
    >"$tmpdir/command"
expect test -s "$tmpdir/command"
eval "command=($(cat "$tmpdir/command"))"
echo ls >"$tmpdir/batch"
"${command[0]}" -b "$tmpdir/batch" "${command[@]:1}" >"$tmpdir/listed"
expect grep -qx 'disk *' "$tmpdir/listed"
expect_nothing_left
