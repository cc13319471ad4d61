#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ssh server that says nothing: the user is told after 5 seconds, and it is
# given up when libssh gives it up (10 seconds), or as --startup-timeout says.
. ./functions.sh

requires_plugin ssh
start_silent_server
SECONDS=0
run_expecting 4:timeout:true v2v-nbdkit-launch -o null \
    "ssh://127.0.0.1:$silent_port/disk"
expect_error 'takes the connection but does not answer'
expect_stderr 'warning: .*127\.0\.0\.1 takes the connection but has not'
expect_hint 'startup-timeout'
# A little more than 10, since the machine may be busy.
expect_seconds 15
expect_nothing_left
