#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --version prints the name and the version.
. ./functions.sh

run_expecting 0 v2v-nbdkit-launch --version
expect_stdout '^v2v-nbdkit-launch [0-9]+\.[0-9]+'
expect test ! -s "$err"
