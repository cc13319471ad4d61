#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without nbdkit: status 3, and what to install.
. ./functions.sh

touch "$tmpdir/disk"
run_expecting 3:nbdkit-missing:false env V2V_NBDKIT= PATH=/nowhere \
    "${tool[@]/#env//usr/bin/env}" --dry-run "$tmpdir/disk"
expect_error 'nbdkit was not found'
expect_hint 'install'
run_expecting 3:nbdkit-missing:false v2v-nbdkit-launch \
    --nbdkit "$tmpdir/none" --dry-run "$tmpdir/disk"
expect_error "$tmpdir/none: nbdkit was not found"
