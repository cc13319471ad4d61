#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# That a filter does nothing is not the reason why a copy fails.
. ./functions.sh

requires_plugin eval
requires_filter readahead
run_expecting 6:read:true v2v-nbdkit-launch -x --retries 0 -o null \
    --readahead on -i nbdkit eval get_size='echo 8M' \
    pread='[ $4 -lt 4000000 ] || [ $4 -gt 8000000 ] || { echo EIO it is broken >&2; exit 1; }
           dd if=/dev/zero bs=$3 count=1 status=none'
expect_stderr 'error: .*it is broken'
expect_stderr '--filter readahead'
expect_not grep -q 'readahead: warning' "$err"
