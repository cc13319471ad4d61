#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Progress comes at least once a second, also while COMMAND runs and while
# nothing moves, and ends with done equal to total.
. ./functions.sh

requires_program jq
requires_plugin file
requires_filter delay
make_disk "$tmpdir/disk" 4M
run_expecting 0 v2v-nbdkit-launch --machine-readable="file:$tmpdir/lines" \
    --convert 'sleep 2.3' --connections 1 --request-size 2M -o null \
    -i nbdkit file "$tmpdir/disk" -io filter=delay delay-read=1200ms
expect test "$(jq -r .type "$tmpdir/lines" | sed -n '1p;$p' | tr '\n' ' ')" \
    = 'start result '
jq -e -s 'map (select (.type == "progress" and .disk == null))
          | .[-1] | .phase == "copy" and .done == .total and
                    .done == 4194304 and .rate > 0 and
                    .read + .zero >= .done' \
    "$tmpdir/lines" >&2
jq -e -s 'map (select (.type == "progress" and .disk == 0))
          | .[-1].done == .[-1].total and .[-1].rate > 0' "$tmpdir/lines" >&2
jq -e -s 'map (select (.type == "progress" and .phase == "convert"))
          | length >= 2 and all (.[]; .done == 0 and .total == 4194304)' \
    "$tmpdir/lines" >&2
under_valgrind || sanitized && exit 0
# From the first progress to the end no pause is much longer, on a host with
# other things to do.
jq -e -s 'map (select (.type == "progress") | .timestamp
               | (.[0:19] + "Z" | fromdateiso8601) + (.[19:23] | tonumber))
          | [.[1:], .[:-1]] | transpose | map (.[0] - .[1]) | max <= 1.5' \
    "$tmpdir/lines" >&2
