#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader of JSON lines that pauses while more lines come than are kept in
# memory gets each of them.
. ./functions.sh

requires_plugin curl

printf -v padding '%3500s' ''
sources=()
for i in {1..420}; do
    sources+=("https://example.com/$i/${padding// /x}")
done

v2v-nbdkit-launch --dry-run --machine-readable -o null "${sources[@]}" |
    (sleep 3; cat) >"$tmpdir/lines"
expect test "$(stat -c %s "$tmpdir/lines")" -gt 1500000
for i in {1..420}; do
    grep -q "example.com/$i/" "$tmpdir/lines" || echo "$i"
done >"$tmpdir/lost"
expect test ! -s "$tmpdir/lost"
