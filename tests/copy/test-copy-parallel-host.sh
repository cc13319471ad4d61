#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Two disks of one host, copied at once, share the connections that the host
# stands.

. ./functions.sh
start_sshd
make_disk "$tmpdir/a" 64M
make_disk "$tmpdir/b" 48M
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -v --parallel 2 -o disk \
    -os "$tmpdir/out" -on guest "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/a" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/b"
expect cmp "$tmpdir/a" "$tmpdir/out/guest-sda"
expect cmp "$tmpdir/b" "$tmpdir/out/guest-sdb"
# 16 for one disk.
most=$(sed -n 's/.*copy: \([0-9]*\) connections.*/\1/p' "$err" | sort -n |
           tail -n 1)
expect test "$most" -le 8
expect_nothing_left
