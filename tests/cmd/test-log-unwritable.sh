#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A log that cannot be written is an error before the work.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
run_expecting '1|2' v2v-nbdkit-launch --log "$tmpdir/none/run.log" -o null \
    --convert "touch '$tmpdir/converted'" "$tmpdir/disk"
expect_error 'none/run.log.*No such file'
expect test ! -e "$tmpdir/converted"
expect_nothing_left
