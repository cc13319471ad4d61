#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A session that ends early: the copy fails, and says why in nbdkit's words.
. ./functions.sh

requires_filter rate
start_vmware --session-seconds 2
run_expecting 6:auth:false v2v-nbdkit-launch -ic "$vmware_uri" \
    -ip "$tmpdir/password" \
    --bandwidth 8M --request-size 256k --retries 1 -o null 'mail server'
expect_error 'cannot (read|open) \[ds 1\] folder/vm/disk 1.vmdk: .*401'
expect_hint 'the session has ended'
expect_nothing_left
