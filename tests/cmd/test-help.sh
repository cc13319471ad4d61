#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --help lists the options, on stdout.
. ./functions.sh

run_expecting 0 v2v-nbdkit-launch --help
expect_stdout '^.*--dry-run'
expect_stdout '--convert'
expect_stdout '--readahead'
expect test ! -s "$err"
# No line is too long for an ordinary terminal.
expect_no_stdout '.{81}'
