#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --summary of a guest with so many disks that its result file lists none: its
# totals say what was copied, and that it has a target.
. ./functions.sh

requires_program jq python3
requires_plugin file
mkdir "$tmpdir/many" "$tmpdir/out" "$tmpdir/results"
for i in {1..30}; do
    make_disk "$tmpdir/many/a-rather-long-disk-name-$i" 256k
done
result=$tmpdir/results/many.json
many ()
{
    run_expecting 0 v2v-nbdkit-launch --result-file "$result" \
        --machine-readable "$@" "$tmpdir"/many/*
    tail -n 1 "$out" >"$tmpdir/line"
    expect_not grep -q '"disks":\[' "$result"
}

# totals TARGETS: they are the sums of the list, in the file as in the line.
totals ()
{
    expect jq -e --argjson targets "$1" '.totals == (.disks | {
        disks: length, targets: map (select (.target)) | length,
        virtual_size: map (.virtual_size) | add,
        bytes_read: map (.bytes_read) | add,
        bytes_written: map (.bytes_written) | add,
        bytes_cloned: map (.bytes_cloned) | add,
        bytes_zero: map (.bytes_zero) | add,
        bytes_unused: map (.bytes_unused) | add,
        retries: map (.retries) | add}) and
        .totals.disks == 30 and .totals.targets == $targets' "$tmpdir/line"
    expect test "$(jq -c .totals "$result")" = \
        "$(jq -c .totals "$tmpdir/line")"
}

# summary STATE TARGETS: what --summary makes of it.  What has no target is not
# stored.
summary ()
{
    totals "$2"
    run_expecting 0 v2v-nbdkit-launch --summary=json "$tmpdir/results"
    expect jq -e --arg state "$1" --slurpfile of "$result" '$of[0].totals as
        {targets: $targets, virtual_size: $size, bytes_read: $read,
         bytes_written: $written} | $size == 30 * 262144 and $read > 0 and
        (.guests[0] | [.state, .size, .done, .read, .written] ==
            [$state, $size, $size, $read, $written]) and
        [.size, .read, .written] == (if $targets > 0
            then [$size, $read, $written] else [0, 0, 0] end)' "$out"
}

run_expecting 0 v2v-nbdkit-launch --check --result-file "$result" \
    "$tmpdir"/many/* -o null
expect jq -e 'has ("totals") | not' "$result"
for state in ok unchanged; do
    many --resume -os "$tmpdir/out" -on many
    summary $state 30
done
many -o null
summary ok 0
expect_nothing_left
