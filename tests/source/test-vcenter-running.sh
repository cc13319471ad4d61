#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VM that runs is refused, unless a snapshot of it is read.
. ./functions.sh

start_vmware --powered-on
run_expecting 4:unsupported:false v2v-nbdkit-launch -ic "$vmware_uri" \
    -ip "$tmpdir/password" -o null 'mail server'
expect_error 'is running or paused'
use_vddk
printf '%s\n' "$vmware_password" >"$tmpdir/password"
run_expecting 0 v2v-nbdkit-launch --dry-run -ic "$vmware_uri" -it vddk \
    -ip "$tmpdir/password" -io vddk-snapshot=snapshot-1 'mail server'
expect_stdout 'snapshot=snapshot-1'
