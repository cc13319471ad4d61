#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file for messages that cannot be made fails the run, and the result file
# says so, as the JSON lines do where it is none of theirs.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
result=$tmpdir/result

# fails LINES OPTION...: and says it in as many JSON lines.
fails ()
{
    echo old >"$result"
    run_expecting 1 v2v-nbdkit-launch --result-file "$result" "${@:2}" \
        -o null "$tmpdir/disk"
    expect_error "--[a-z-]*: $tmpdir/none/x"
    expect test "$(jq -r .message "$result")" = \
        "$(sed -n 's/^v2v-nbdkit-launch: error: //p' "$err")"
    expect test "$(jq -r .exit "$result")" = 1
    expect test "$(wc -l <"$out")" = "$1"
}

for option in --log --report --status-file; do
    fails 0 $option "$tmpdir/none/x"
    fails 2 $option "$tmpdir/none/x" --machine-readable
done
fails 0 --machine-readable=file:"$tmpdir/none/x"
expect_nothing_left
