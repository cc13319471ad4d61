#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A result file that cannot be replaced is written in place: standard output
# that is a file, the target of a symbolic link, a mount point.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
link=$(readlink /dev/stdout)

echo before >"$tmpdir/mixed"
v2v-nbdkit-launch -q --result-file /dev/stdout --log /dev/stdout -o null \
    "$tmpdir/disk" >>"$tmpdir/mixed"
expect test "$(head -n 1 "$tmpdir/mixed")" = before
expect grep -q '"type":"result"' "$tmpdir/mixed"
expect grep -q 'Finished' "$tmpdir/mixed"
expect test "$(readlink /dev/stdout)" = "$link"

mkdir "$tmpdir/elsewhere"
ln -s "$tmpdir/elsewhere/result" "$tmpdir/link"
echo '{}' >"$tmpdir/elsewhere/result"
run_expecting 0 v2v-nbdkit-launch --result-file "$tmpdir/link" -o null \
    "$tmpdir/disk"
expect test -L "$tmpdir/link"
expect grep -q '"type":"result"' "$tmpdir/elsewhere/result"

requires_root
requires_program unshare
requires unshare --mount --propagation private true
touch "$tmpdir/mounted" "$tmpdir/termination-log"
# It is not where the shell looks for it.
tool_program='' run_expecting 0 unshare --mount --propagation private sh -e -c '
    mount --bind "$1" "$2"
    shift 2
    exec "$@"' sh "$tmpdir/mounted" "$tmpdir/termination-log" \
    "${tool[@]}" --result-file "$tmpdir/termination-log" -o null \
    "$tmpdir/disk"
expect grep -q '"type":"result"' "$tmpdir/mounted"
expect test -z "$(find "$tmpdir" -name 'termination-log.*')"
