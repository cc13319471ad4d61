#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Ended or killed while metadata are being read from another host: nothing
# is left.
. ./functions.sh

requires_plugin ssh
start_silent_server
for signal in TERM KILL; do
    run_in_background v2v-nbdkit-launch -i vmx -it ssh -o null \
        "ssh://127.0.0.1:$silent_port/vm/vm.vmx"
    wait_for has_child nbdkit
    kill -s $signal "$tool_pid"
    if [ $signal = TERM ]; then
        wait_expecting 143:interrupted:true
    else
        wait_expecting 137
    fi
    expect_nothing_left
done
