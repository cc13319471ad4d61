#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An empty file over ssh, a device without a byte in it, and one whose name
# does not show that it is a device: errors that say what to do.
. ./functions.sh

start_sshd
url=ssh://$ssh_user@127.0.0.1:$sshd_port
: >"$tmpdir/disk"
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null \
    "${ssh_options[@]}" "$url$tmpdir/disk"
expect_error "disk: the disk has a size of 0 bytes"
expect_hint 'below /dev'

run_expecting 4 v2v-nbdkit-launch -o null "${ssh_options[@]}" "$url/dev/null"
expect_nothing_left
