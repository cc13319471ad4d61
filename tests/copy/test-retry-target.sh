#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Writes that an NBD target refuses at times are tried again; where all of
# them fail it is an error.
. ./functions.sh

requires_plugin file
requires_filter error
make_disk "$tmpdir/disk" 32M
truncate -s 32M "$tmpdir/target"
start_nbdkit target --filter error file "$tmpdir/target" \
    error-pwrite-rate=10% error-zero-rate=10%
run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --retries 20 --request-size 256k "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/target"
start_nbdkit broken --filter error file "$tmpdir/target" \
    error-pwrite=EIO error-pwrite-rate=100%
run_expecting 6:write:false v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --retries 2 "$tmpdir/disk"
expect_error 'Input/output error'
expect_nothing_left
