#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of ESXi, and of vCenter, through libvirt and over HTTPS: its disk
# arrives whole, by few sessions and moderate requests.
. ./functions.sh

for options in '' '--vcenter --datacenter DC'; do
    # shellcheck disable=SC2086
    start_vmware $options
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" \
        -ip "$tmpdir/password" -o disk -os "$tmpdir/out" 'mail server'
    expect_same "$vmware_disk" "$tmpdir/out/mail server-sda"
    expect grep -q '<interface ' "$tmpdir/out/mail server.xml"
    # libvirt's, a look at the file, and nbdkit's for each line.
    expect test "$(vmware_reported logins)" -le 4
    expect test "$(vmware_reported max_parallel)" -le 4
    expect test "$(vmware_reported max_range)" -le 2097152
    stop_pid "$server_pid"
done
expect_nothing_left
