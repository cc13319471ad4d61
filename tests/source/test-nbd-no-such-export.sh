#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An export that the server does not have: status 4.
. ./functions.sh

requires_plugin nbd
truncate -s 1M "$tmpdir/disk"
start_qemu_nbd nbd --read-only --format=raw --export-name=right "$tmpdir/disk"
SECONDS=0
run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    "${qemu_nbd_uri/\?/wrong?}"
expect_error "has no export named 'wrong'"
expect_hint 'the name of the export'
expect_seconds 5
expect_nothing_left
