#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --readahead on makes the filter's absence an error.
. ./functions.sh

use_stand_in 1.24 retry
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch --readahead on \
    --dry-run http://example.com/disk
expect_error 'readahead-filter.so does not exist'
