#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit is --nbdkit, else V2V_NBDKIT, else that in PATH.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in 1.24 retry
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_stdout 'nbdkit-1\.24'
run_expecting 0 v2v-nbdkit-launch --nbdkit "$stand_ins/nbdkit-1.48" \
    --dry-run "$tmpdir/disk"
expect_stdout 'nbdkit-1\.48'
unset V2V_NBDKIT
requires_program nbdkit
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_stdout '^LANG=C nbdkit '
