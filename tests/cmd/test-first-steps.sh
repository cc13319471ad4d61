#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command alone shows five commands to begin with; each of them is one.
. ./functions.sh

run_expecting 2 v2v-nbdkit-launch
expect test ! -s "$err"
expect test "$(grep -c '^  v2v-nbdkit-launch ' "$out")" = 5
# No line is too long for an ordinary terminal.
expect_no_stdout '.{81}'
cp "$out" "$tmpdir/first"

# Their options are right; --help comes last and stops before anything runs.
sed -n '/^  v2v-nbdkit-launch /,/^$/p' "$tmpdir/first" |
    sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}' >"$tmpdir/commands"
while read -r command; do
    [ -n "$command" ] || continue
    case $command in v2v-nbdkit-launch\ --help\ lists*) continue ;; esac
    eval "run_expecting 0 $command --help"
done <"$tmpdir/commands"
