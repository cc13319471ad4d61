#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wrong usage is told to programs as well.
. ./functions.sh

requires_program jq
for wrong in --carrot '-o carrot' '--retries carrot' '-i carrot'; do
    rm -f "$tmpdir/result.json"
    # shellcheck disable=SC2086
    run_expecting 2:usage:false v2v-nbdkit-launch --machine-readable \
        --result-file "$tmpdir/result.json" $wrong "$tmpdir/disk"
    expect_error 'carrot'
    expect test "$(head -n 1 "$out" | jq -r .type)" = start
    expect test "$(tail -n 1 "$out" | jq -r .type,.reason,.exit |
        tr '\n' ' ')" = 'error usage 2 '
    expect test "$(jq -r .reason "$tmpdir/result.json")" = usage
done
