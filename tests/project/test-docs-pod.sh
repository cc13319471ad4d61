#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The manual pages are right POD, and name only each other's pages that
# there are.
. ./functions.sh

requires_program podchecker
cd "$abs_top_srcdir/docs"
center=$(sed -n 's/.*--center="\([^"]*\)".*/\1/p' Makefile.am)
for page in *.pod; do
    podchecker -warnings -warnings "$page" >"$tmpdir/said" 2>&1 ||
        fail "$page: $(cat "$tmpdir/said")"
    expect_not grep -E 'WARNING|ERROR' "$tmpdir/said"
    expect_not grep -nE '.{80}' "$page"
    # "NAME(1)  CENTER  NAME(1)": a terminal has 80 columns, man uses 78.
    expect test $((2 * ${#page} + ${#center})) -le 76
    grep -o 'L<v2v-nbdkit-launch[^(]*' "$page" | sed 's/^L<//' |
        sort -u >"$tmpdir/links"
    while read -r link; do
        expect test -e "$link.pod"
    done <"$tmpdir/links"
done
