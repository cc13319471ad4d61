#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Passwords are in files; the command lines have only their names.
. ./functions.sh

use_stand_in 1.32 readahead retry
echo hush-5d02-hush >"$tmpdir/password"
run_expecting 0 v2v-nbdkit-launch --dry-run -v -x -ip "$tmpdir/password" \
    ssh://root@example.com/disk
expect_stdout 'password=\+'
expect_nowhere hush-5d02-hush

run_expecting 0 v2v-nbdkit-launch --dry-run -v -x \
    http://guest:hush-5d02-hush@example.com/disk
expect_stdout 'password=\+'
expect_stdout 'user=guest'
expect_nowhere hush-5d02-hush

run_expecting 0 v2v-nbdkit-launch --dry-run -v -x --machine-readable \
    http://guest:hush-5d02-hush@example.com/disk
expect_stdout 'password=\+'
expect_nowhere hush-5d02-hush
