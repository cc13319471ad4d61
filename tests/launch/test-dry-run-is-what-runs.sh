#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What --dry-run prints is exactly what a run executes.
. ./functions.sh

requires_plugin file
requires_program strace jq
make_disk "$tmpdir/disk" 1M
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk"
V2VDIR=DIR bash -c 'while read -r line; do
    eval "printf \"%s \" ${line#LANG=C }"; echo
  done' <"$out" | sed 's/ *$//' >"$tmpdir/logs/promised"

run_traced 0 v2v-nbdkit-launch -o null "$tmpdir/disk"
sed -n 's/.*execve("[^"]*", \[\("[^]]*"--unix"[^]]*\)\].*/\1/p' \
    "$tmpdir/logs/exec" | sed -e 's/^"//' -e 's/"$//' -e 's/", "/ /g' \
    -e "s,$TMPDIR/v2v[^/ ]*,DIR,g" -e "s,/tmp/v2v\.[^/ ]*,DIR,g" |
    grep '^nbdkit ' | sort -u >"$tmpdir/logs/executed"
sort -u -o "$tmpdir/logs/promised" "$tmpdir/logs/promised"
diff -u "$tmpdir/logs/promised" "$tmpdir/logs/executed" >&2
