#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A host that does not exist: status 4, within 5 seconds.
. ./functions.sh

requires_plugin curl
SECONDS=0
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    http://no-such-host.invalid/disk
expect_error 'disk: .*resolve'
expect_hint "the host's name"
expect_seconds 5
expect_nothing_left
