#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VMware server that redirects to another one: neither its session nor the
# login is sent there.
. ./functions.sh

make_ca
make_disk "$tmpdir/disk" 1M
start_redirecting other tls
start_vmware --redirect "$other_url"
run_expecting 4:unsupported:false v2v-nbdkit-launch -ic "$vmware_uri" \
    -ip "$tmpdir/password" -o null 'mail server'
expect_error "cannot open .*redirects to $other_url"
expect grep -q '^GET /folder' "$tmpdir/logs/other-requests"
! grep -E 'Authorization|Cookie' "$tmpdir/logs/other-requests" ||
    fail "the other server got secrets"
expect_nothing_left
