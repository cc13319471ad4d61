#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk over ssh arrives whole, whatever its name.
. ./functions.sh

name="d [store] 100%25 'x' #1.img"
make_disk "$tmpdir/disk" 5M
mkdir "$tmpdir/out"
start_sshd
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"

# In a URI these have to be escaped.
mv "$tmpdir/disk" "$tmpdir/$name"
uri="d%20[store]%20100%2525%20'x'%20%231.img"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest2 \
    "${ssh_options[@]}" "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/$uri"
expect_same "$tmpdir/$name" "$tmpdir/out/guest2-sda"
expect_nothing_left
