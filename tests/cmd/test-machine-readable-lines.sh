#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# With work to do, each line is a JSON object.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch --machine-readable=stream:stdout \
    -o null "$tmpdir/disk"
jq -e -s 'all (.[]; (.type | type) == "string" and
               (.timestamp | test ("^[0-9]{4}-[0-9-]+T[0-9:.]+Z$")))' \
    "$out" >&2
expect test "$(jq -r .type "$out" | head -n 1)" = start
expect test "$(jq -r .type "$out" | tail -n 1)" = result
run_expecting 4:not-found:false v2v-nbdkit-launch \
    --machine-readable=stream:stdout -o null "$tmpdir/none"
expect test "$(jq -r 'select (.type == "error") | .reason' "$out")" \
    = not-found
