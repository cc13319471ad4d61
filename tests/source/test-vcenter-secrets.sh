#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The password of a VMware server is seen nowhere: not by ps, not in logs.
. ./functions.sh

start_vmware
run_traced 0 v2v-nbdkit-launch -v -x -ic "$vmware_uri" \
    -ip "$tmpdir/password" -o null --log "$tmpdir/run.log" 'mail server'
# It has characters that are escaped in some places.
expect_nowhere sesame
expect_nowhere vmware_soap_session
run_expecting 0 v2v-nbdkit-launch --dry-run -ic "$vmware_uri" \
    -ip "$tmpdir/password" 'mail server'
expect_nowhere sesame

# Of mode 0600 while they are needed.
run_in_background v2v-nbdkit-launch -ic "$vmware_uri" \
    -ip "$tmpdir/password" -o null \
    --convert "touch '$tmpdir/reached'; sleep 1000" 'mail server'
wait_for test -e "$tmpdir/reached"
expect test "$(find "$TMPDIR" -name in0.login -printf %m)" = 600
expect test "$(find "$TMPDIR" -name in0.cookie-script -printf %m)" = 600
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect_nothing_left
