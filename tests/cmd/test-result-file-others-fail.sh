#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file for messages that cannot be made fails the run, and the result file
# says so, as the JSON lines do where it is none of theirs.  They say it, too,
# if it is the result file.
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

# unsaid OPTION...: no result file, but JSON lines.
unsaid ()
{
    run_expecting 1 v2v-nbdkit-launch --result-file "$tmpdir/none/x" \
        --machine-readable=file:"$tmpdir/lines" "$@" -o null "$tmpdir/disk"
    expect_error "--result-file: $tmpdir/none/x"
    expect test "$(wc -l <"$tmpdir/lines")" = 2
    expect jq -e --slurp '.[0].type == "start" and (.[1] |
        .type == "error" and .reason == "write" and .exit == 1 and
        (.message | startswith ("--result-file: ")))' "$tmpdir/lines"
}

unsaid
unsaid --log "$tmpdir/none/y"
run_expecting 1 v2v-nbdkit-launch --result-file "$tmpdir/none/x" \
    --machine-readable=file:"$tmpdir/none/y" -o null "$tmpdir/disk"
expect_error "--result-file: $tmpdir/none/x"
expect_nothing_left
