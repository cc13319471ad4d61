#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Every option is in the manual page as an item, and every item is an
# option; --help has them, and every -io and -oo key has its item.
. ./functions.sh

page=$abs_top_srcdir/docs/v2v-nbdkit-launch.pod
input=$abs_top_srcdir/docs/v2v-nbdkit-launch-input.pod

{ v2v-nbdkit-launch --long-options; v2v-nbdkit-launch --short-options; } |
    sort -u >"$tmpdir/options"
expect test -s "$tmpdir/options"
sed -n 's/^=item B<\(-[^>]*\)>.*/\1/p' "$page" | sort -u >"$tmpdir/items"
expect diff "$tmpdir/options" "$tmpdir/items" >&2

run_expecting 0 v2v-nbdkit-launch --help
while read -r option; do
    expect grep -Eq "^  $option([][ =]|$)" "$out"
done <"$tmpdir/options"

v2v-nbdkit-launch --machine-readable >"$tmpdir/capabilities"
sed -n 's/^io://p' "$tmpdir/capabilities" | sort >"$tmpdir/keys"
sed -n 's/^=item B<-io \([^>]*\)>.*/\1/p' "$input" | sort -u >"$tmpdir/items"
expect diff "$tmpdir/keys" "$tmpdir/items" >&2
sed -n 's/^oo:[a-z]*://p' "$tmpdir/capabilities" | sort -u >"$tmpdir/keys"
while read -r key; do
    expect grep -q "^=item B<$key>" "$page"
done <"$tmpdir/keys"
# Modes have an item each.
while IFS=: read -r kind mode; do
    case $kind in
        input) expect grep -qxF "=item B<-i> $mode" "$page" ;;
        output) expect grep -qxF "=item B<-o> $mode" "$page" ;;
    esac
done <"$tmpdir/capabilities"
