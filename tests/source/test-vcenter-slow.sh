#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VMware server that takes its time to log in is waited for.
. ./functions.sh

start_vmware --slow-seconds 7
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -o disk -os "$tmpdir/out" 'mail server'
expect_same "$vmware_disk" "$tmpdir/out/mail server-sda"
expect_nothing_left
