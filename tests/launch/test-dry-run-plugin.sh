#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i nbdkit: any plugin with its own parameters.
. ./functions.sh

use_stand_in 1.32 readahead retry
: >"$V2V_STANDIN_DIR/plugins/nbdkit-pattern-plugin.so"
: >"$V2V_STANDIN_DIR/filters/nbdkit-delay-filter.so"
run_expecting 0 v2v-nbdkit-launch --dry-run -io filter=delay \
    -i nbdkit pattern size=1M "rdelay=1 s"
expect_lines "$abs_srcdir/data/dry-run-plugin.expected"
