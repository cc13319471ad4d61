#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An NBD server that is not there: status 4, within 5 seconds.
. ./functions.sh

requires_plugin nbd
pick_port
SECONDS=0
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "nbd://127.0.0.1:$port"
expect_error 'Connection refused'
expect_hint 'is the NBD server running'
run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    "nbd+unix:///?socket=$tmpdir/none.sock"
expect_error 'No such file'
expect_hint 'is the NBD server running'
expect_seconds 8
expect_nothing_left
