#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# sshd drops connections at random while others log in (MaxStartups): those
# are done without, and the copy is whole.

. ./functions.sh
make_disk "$tmpdir/disk" 64M
start_sshd 'MaxStartups 3:50:10'
mkdir "$tmpdir/out"
for i in 1 2 3; do
    # Even the first one may be dropped, while probes before it go away.
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
    expect cmp "$tmpdir/disk" "$tmpdir/out/guest-sda"
done
expect_nothing_left
