#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NAME.xml that this user cannot read: nobody knows whose it is.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
chmod 755 "$tmpdir"
chmod 777 "$tmpdir/out"
v2v-nbdkit-launch -q -o disk -os "$tmpdir/out" -on guest "$tmpdir/disk"
chmod 644 "$tmpdir/disk"
remember "$tmpdir/out"/guest*
state=$(mktemp -d)
chown 12345 "$state"
expect_not other "$tool_program" -q --state-dir "$state" -o disk \
    -os "$tmpdir/out" -on guest "$tmpdir/disk" 2>"$tmpdir/err"
rm -r "$state"
expect grep -q 'guest.xml exists already, and cannot be read' "$tmpdir/err"
expect grep -q '^hint: .*-on NAME' "$tmpdir/err"
expect_untouched
