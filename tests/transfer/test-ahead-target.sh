#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The target of a copy beside a conversion cannot be written for a while:
# nothing that it had is believed.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_plugin memory
requires_filter error
requires_filter rate
make_ahead disk
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
start_nbdkit target --filter error memory 150M \
    error-pwrite=EIO error-pwrite-rate=100% error-file="$tmpdir/break"
target=$nbdkit_uri
run_expecting 0 v2v-nbdkit-launch -o nbd -oo uri="$target" --verify \
    --copy-while-converting on --retries 0 --bandwidth 200M --resume \
    --convert "sleep 2; touch '$tmpdir/break'
               while ! grep -q 'continues after the conversion' '$err'; do
                   sleep 0.1
               done
               rm '$tmpdir/break'
               $(conversion_of disk)" "$source"
expect_stderr 'cannot write .*; the copy continues after the conversion'
qemu-img convert -f raw -O raw "$target" "$tmpdir/got"
expect_same "$tmpdir/want-disk" "$tmpdir/got"
# All of the data is read again.
expect test "$(count_result bytes_read)" -gt 160000000
expect_nothing_left
