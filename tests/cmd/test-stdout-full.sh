#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A stdout that is full is a failure of --dry-run.
. ./functions.sh

requires test -c /dev/full
use_stand_in 1.32 retry
status=0
v2v-nbdkit-launch --dry-run "http://localhost/disk" >/dev/full 2>"$err" ||
    status=$?
expect test "$status" = 1
expect_stderr 'No space left'
