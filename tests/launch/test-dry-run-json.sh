#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --machine-readable --dry-run gives the argument lists as JSON.
. ./functions.sh

requires_program jq
use_stand_in 1.32 readahead retry
run_expecting 0 v2v-nbdkit-launch --dry-run https://example.com/disk
lines=$(wc -l <"$out")
run_expecting 0 v2v-nbdkit-launch --dry-run \
    --machine-readable=stream:stdout https://example.com/disk
jq -c 'select (.type == "command")' <"$out" >"$tmpdir/logs/commands"
expect test "$(wc -l <"$tmpdir/logs/commands")" = "$lines"
expect test "$(head -n 1 "$tmpdir/logs/commands" |
    jq -r '.env.LANG + " " + (.argv | index ("curl") > 0 | tostring)
           + " " + (.disk | tostring) + " " + .program')" \
    = 'C true 0 nbdkit'
