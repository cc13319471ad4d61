#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An NBD server that says nothing is given up within 5 seconds.
. ./functions.sh

requires_plugin nbd
start_silent_server
SECONDS=0
run_expecting 4:timeout:true v2v-nbdkit-launch -o null \
    "nbd://127.0.0.1:$silent_port"
expect_error 'takes the connection but does not answer'
# A little more than 5, since the machine may be busy.
expect_seconds 8
expect_nothing_left
