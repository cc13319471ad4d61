#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The session is renewed before it ends, and so the copy does.
. ./functions.sh

requires_filter rate
start_vmware --session-seconds 3
mkdir "$tmpdir/out"
SECONDS=0
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -io curl-cookie-script-renew=1 --bandwidth 4M --request-size 256k \
    -o disk -os "$tmpdir/out" 'mail server'
expect_same "$vmware_disk" "$tmpdir/out/mail server-sda"
# As long as two sessions, or this has shown nothing.
expect test $SECONDS -ge 6
expect test "$(vmware_reported logins)" -ge 4
expect_nothing_left
