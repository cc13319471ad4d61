#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit before 1.22 cannot renew a VMware server's session, and says so.
. ./functions.sh

start_vmware
use_stand_in 1.12 readahead
run_expecting 3:nbdkit-version:false v2v-nbdkit-launch --dry-run \
    -ic "$vmware_uri" -ip "$tmpdir/password" 'mail server'
expect_error '1\.22 is needed'
expect_nothing_left
