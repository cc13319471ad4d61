#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --selinux on gives nbdkit the label, up to the system call.
. ./functions.sh

[ ! -e /sys/fs/selinux/enforce ] || skip 'this host has SELinux'
requires_plugin file
make_disk "$tmpdir/disk" 1M
requires test "$(nbdkit --dump-config | sed -n 's/^selinux=//p')" = yes
run_expecting 0 v2v-nbdkit-launch --selinux on --dry-run "$tmpdir/disk"
expect_stdout 'selinux-label[ =]system_u:object_r:svirt_socket_t:s0'
run_expecting 3:nbdkit-selinux:false v2v-nbdkit-launch --selinux on -o null \
    "$tmpdir/disk"
expect_error 'nbdkit cannot label its socket: '
run_expecting 0 v2v-nbdkit-launch --selinux off --dry-run "$tmpdir/disk"
expect_no_stdout selinux-label
run_expecting 0 v2v-nbdkit-launch --selinux auto -o null "$tmpdir/disk"
expect_nothing_left
