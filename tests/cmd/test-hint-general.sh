#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check and --log are advice only where they can tell more.
. ./functions.sh

requires_plugin file
requires_filter error
requires_program qemu-img
cd "$tmpdir"
make_disk disk 2M
make_disk target 2M
start_nbdkit bad --filter=error file target error-pwrite=EIO \
    error-pwrite-rate=100%
fails=(v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" --retries 0 disk)
run_expecting 6:write:false "${fails[@]}"
expect_hint 'the same command with --check'
# There is a log already.
run_expecting 6:write:false "${fails[@]}" --log log
expect_no_stderr 'hint:'

# --check would say just the same, and no other program says anything.
qemu-img create -q -f qcow2 -o encrypt.format=aes,encrypt.key-secret=s \
    --object secret,id=s,data=sesame secret.qcow2 1M
touch plain
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null secret.qcow2
expect_no_stderr 'hint: .*(--check|--log)'
run_expecting 1:write:false v2v-nbdkit-launch -os plain/x disk
expect_no_stderr 'hint: .*(--check|--log)'
