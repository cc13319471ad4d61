#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command lines for a web server, for several nbdkits.
. ./functions.sh

for version in 1.12 1.24 1.32 1.48; do
    filters=(readahead blocksize rate)
    # The retry filter came with 1.16.
    [ $version = 1.12 ] || filters+=(retry)
    use_stand_in $version "${filters[@]}"
    run_expecting 0 v2v-nbdkit-launch --dry-run https://example.com/disk.img
    expect_lines "$abs_srcdir/data/dry-run-http-$version.expected"
done
