#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -io filter=NAME puts a filter next to the plugin.
. ./functions.sh

requires_plugin pattern
requires_filter offset
requires_program nbdcopy
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    -io filter=offset -i nbdkit pattern size=3M offset=1M
nbdkit -U - --filter=offset pattern 3M offset=1M \
    --run 'nbdcopy "$uri" -' >"$tmpdir/want"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
