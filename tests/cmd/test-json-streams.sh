#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --machine-readable goes where it is told to, and nowhere else.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
lines=$tmpdir/lines

expect_lines ()
{
    expect test "$(jq -r .type "$1" | sed -n '1p;$p' | tr '\n' ' ')" \
        = 'start result '
}

v2v-nbdkit-launch --machine-readable=fd:7 -o null "$tmpdir/disk" \
    7>"$lines" >"$out" 2>"$err"
expect_lines "$lines"
expect_not grep '"type"' "$out" "$err"
# In another program it would keep the reader waiting.
v2v-nbdkit-launch --machine-readable=fd:7 -o null \
    --convert "! test -e /proc/self/fd/7" "$tmpdir/disk" \
    7>"$lines" >"$out" 2>"$err"
expect_lines "$lines"

echo old >"$lines"
run_expecting 0 v2v-nbdkit-launch --machine-readable="file:$lines" -o null \
    "$tmpdir/disk"
expect_lines "$lines"
expect_not grep '"type"' "$out" "$err"

run_expecting 0 v2v-nbdkit-launch --machine-readable=stream:stdout -o null \
    "$tmpdir/disk"
expect_lines "$out"
expect_not grep '"type"' "$err"

# Text for people would be between the lines.
run_expecting 0 v2v-nbdkit-launch --machine-readable=stream:stderr -o null \
    "$tmpdir/disk"
expect_lines "$err"
run_expecting 4:not-found:false v2v-nbdkit-launch \
    --machine-readable=stream:stderr -o null "$tmpdir/none"
expect test "$(jq -r .type "$err" | tail -n 1)" = error
