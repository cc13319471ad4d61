#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without the readahead filter's file the run goes on without it.
. ./functions.sh

use_stand_in 1.24 retry
run_expecting 0 v2v-nbdkit-launch --dry-run http://example.com/disk
expect_no_stdout readahead
expect_stdout ' curl url='

use_stand_in 1.24 retry readahead
run_expecting 0 v2v-nbdkit-launch --dry-run http://example.com/disk
expect_stdout '--filter readahead .* curl url='
run_expecting 0 v2v-nbdkit-launch --readahead off --dry-run \
    http://example.com/disk
expect_no_stdout readahead
