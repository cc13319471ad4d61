#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong with a VMware server's disk is said within 5 seconds, and
# what with the login.
. ./functions.sh

start_vmware
command=(v2v-nbdkit-launch -o null -ic "$vmware_uri" 'mail server')

SECONDS=0
echo wrong >"$tmpdir/wrong"
run_expecting 4:auth:false "${command[@]}" -ip "$tmpdir/wrong"
expect_error 'incorrect user name or password'
expect_seconds 5

SECONDS=0
run_expecting 4:auth:false "${command[@]}"
expect_error 'asks for a password'
expect_seconds 5

SECONDS=0
run_expecting 4:tls:false v2v-nbdkit-launch -o null -ip "$tmpdir/password" \
    -ic "${vmware_uri%\?*}" 'mail server'
expect_error 'certificate|SSL'
expect_seconds 5

SECONDS=0
run_expecting 4:not-found:false v2v-nbdkit-launch -o null \
    -ip "$tmpdir/password" -ic "$vmware_uri" 'male server'
expect_error "has no guest 'male server'"
expect_seconds 5

SECONDS=0
rm "$vmware_disk"
run_expecting 4:not-found:false "${command[@]}" -ip "$tmpdir/password"
expect_error '\[ds 1\] folder/vm/disk 1.vmdk: .*404'
expect_hint 'flat file'
expect_seconds 5
expect_nothing_left
