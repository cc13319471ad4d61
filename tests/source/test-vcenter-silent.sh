#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Nothing, or something that is no VMware server, at the address: status 4
# within 5 seconds, although libvirt would wait for minutes.
. ./functions.sh

start_silent_server
echo x >"$tmpdir/password"
for server in "$silent_port timeout" '1 unreachable'; do
    read -r port reason <<<"$server"
    SECONDS=0
    run_expecting "4:$reason:true" v2v-nbdkit-launch -o null -ip "$tmpdir/password" \
        -ic "vpx://root@127.0.0.1:$port/DC/esx?no_verify=1" guest
    expect_error 'cannot connect to 127\.0\.0\.1: '
    expect_seconds 6
done
expect_nothing_left
