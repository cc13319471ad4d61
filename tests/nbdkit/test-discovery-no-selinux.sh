#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit without SELinux does, except where labels are asked for.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in no-selinux retry readahead
[ ! -e /sys/fs/selinux/enforce ] || skip 'this host has SELinux'
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_no_stdout selinux-label
run_expecting 3:nbdkit-selinux:false v2v-nbdkit-launch --selinux on --dry-run \
    "$tmpdir/disk"
expect_error 'SELinux'
expect_no_stderr 'dump-config output did not contain'
