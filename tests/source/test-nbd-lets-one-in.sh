#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An NBD server that says that it takes many clients, and lets in only one:
# everything is read through the connection that is there.
. ./functions.sh

requires_plugin nbd
requires_filter limit
mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 8M
start_nbdkit one -r --filter=limit file "$tmpdir/disk" limit=1
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    "$nbdkit_uri"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
