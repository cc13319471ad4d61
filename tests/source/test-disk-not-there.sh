#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A disk that does not exist: status 4, at once.
. ./functions.sh

requires_plugin file
SECONDS=0
run_expecting 4:not-found:false v2v-nbdkit-launch -o null "$tmpdir/none.img"
expect_error 'none\.img.*No such file'
expect_seconds 5
expect_nothing_left
