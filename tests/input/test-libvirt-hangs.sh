#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# While libvirt waits for a server the run can be ended.
. ./functions.sh

is_in_libvirt ()
{
    # The connection of the TLS handshake is closed, libvirt's is open.
    [ "$(children_called v2v-nbdkit-laun | wc -l)" = 2 ]
}

start_vmware --hang
for signal in INT TERM KILL; do
    run_in_background v2v-nbdkit-launch -ic "$vmware_uri" \
        -ip "$tmpdir/password" -o null 'mail server'
    wait_for is_in_libvirt
    SECONDS=0
    kill -s $signal "$tool_pid"
    case $signal in
        KILL) wait_expecting 137 ;;
        *) wait_expecting $((128 + $(kill -l $signal))):interrupted:true ;;
    esac
    expect_seconds 3
    expect_nothing_left
done
