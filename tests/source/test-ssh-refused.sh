#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ssh server that is not there: status 4, within 5 seconds.
. ./functions.sh

requires_plugin ssh
pick_port
SECONDS=0
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "ssh://127.0.0.1:$port/disk"
expect_error 'Connection refused'
expect_hint 'is the SSH server running'
expect_seconds 5
expect_nothing_left
