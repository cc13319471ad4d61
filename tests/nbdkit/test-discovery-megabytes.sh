#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Megabytes of unknown keys and warnings do no harm.
. ./functions.sh

touch "$tmpdir/disk"
use_stand_in megabytes retry readahead
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk"
expect_stdout 'nbdkit.* file '
