#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Web servers that do not give the disk: status and reason of each.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 2M
make_vmx "$tmpdir/vm"
cp "$tmpdir/vm/disk 1.vmdk" "$tmpdir/www/disk.vmdk"
start_sshd
start_nginx
start_silent_server
run_failures http
