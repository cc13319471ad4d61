#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD servers that do not give the disk: status and reason of each.
. ./functions.sh

requires_plugin nbd
make_disk "$tmpdir/disk" 2M
start_qemu_nbd nbd --read-only --format=raw --export-name=disk "$tmpdir/disk"
start_sshd
start_silent_server
run_failures nbd
