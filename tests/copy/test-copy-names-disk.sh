#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Of several disks the one that cannot be read is named.
. ./functions.sh

requires_plugin file
requires_filter error
make_disk "$tmpdir/disk" 4M
start_nbdkit whole file "$tmpdir/disk"
whole=$nbdkit_uri
start_nbdkit broken --filter=error file "$tmpdir/disk" \
    error-pread=EIO error-pread-rate=100% error-file="$tmpdir/break"
run_expecting 6:read:true v2v-nbdkit-launch -v --retries 0 -o null \
    --convert "touch '$tmpdir/break'" "$whole" "$nbdkit_uri"
# Where the copy has an nbdkit of its own, that one may not open it.
expect_error '^(sdb: cannot read|cannot (open|read) [^ ]*/broken\.sock)'
# So are the decisions.
expect_stderr '\] sda: readahead: '
expect_stderr '\] sdb: readahead: '
