#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target of -o device that is named without a directory is read back, too.
. ./functions.sh

requires_plugin file
cd "$tmpdir"
make_disk disk 4M
truncate -s 4M target
run_expecting 0 v2v-nbdkit-launch -o device -oo path=target --verify disk
expect_same disk target
expect_nothing_left
