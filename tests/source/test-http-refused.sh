#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A web server that is not there: status 4, within 5 seconds.
. ./functions.sh

requires_plugin curl
pick_port
SECONDS=0
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "http://127.0.0.1:$port/disk"
expect_error 'Connection refused'
expect_hint 'is the server running, and is the port right'
expect_seconds 5
expect_nothing_left
