#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A directory that this user cannot write to: who can, and where else.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
chmod 644 "$tmpdir/disk"
mkdir -m 755 "$tmpdir/out"
state=$(mktemp -d)
chown 12345 "$state"
expect_not other "$tool_program" -q --state-dir "$state" -o disk \
    -os "$tmpdir/out" -on guest "$tmpdir/disk" 2>"$tmpdir/err"
rm -r "$state"
expect grep -q "output directory $tmpdir/out: Permission denied" "$tmpdir/err"
expect grep -q '^hint: .*user who can write.*-os' "$tmpdir/err"
expect test -z "$(ls "$tmpdir/out")"
