#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# COMMAND does not eat or wait for our stdin.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
# COMMAND would wait as long as the FIFO is open for writing.
mkfifo "$tmpdir/fifo"
exec 7<>"$tmpdir/fifo"
echo ours >&7
v2v-nbdkit-launch -q -o null --convert "cat >'$tmpdir/eaten'" "$tmpdir/disk" \
    <"$tmpdir/fifo"
expect test ! -s "$tmpdir/eaten"
read -r -t 5 line <&7
expect test "$line" = ours
expect_untouched
expect_nothing_left
