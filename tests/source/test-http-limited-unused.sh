#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused with a server that counts requests: the file systems are asked
# as slowly as the disk is read.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

make_lived_in "$tmpdir/disk" 32
cp "$tmpdir/disk" "$tmpdir/want"
free_runs "$tmpdir/disk" | zero_runs "$tmpdir/want"
mkdir "$tmpdir/out"
start_particular limit=100 match etag='"v1"'
run_expecting 0 v2v-nbdkit-launch --skip-unused on -os "$tmpdir/out" \
    -on guest "$particular_url"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_no_stderr 'cannot be read'
expect_nothing_left
