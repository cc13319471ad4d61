#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --result-file never holds what an earlier run has written there, whether this
# one is refused, killed, or cannot write.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
result=$tmpdir/result.json

v2v-nbdkit-launch -q --result-file "$tmpdir/earlier.json" -o null \
    "$tmpdir/disk"
stale () { cat "$tmpdir/earlier.json" >"$result"; }

# Mistakes in options before or behind it.
for wrong in --carrot '--retries carrot' '-o carrot'; do
    # shellcheck disable=SC2086
    for arguments in "--result-file $result $wrong" \
                     "$wrong --result-file=$result"; do
        stale
        run_expecting 2 v2v-nbdkit-launch $arguments "$tmpdir/disk"
        expect_error 'carrot'
        expect test "$(jq -r .type,.reason,.exit "$result" | xargs)" = \
            'error usage 2'
    done
done
stale
run_expecting 2 v2v-nbdkit-launch --result-file "$result" -o null
expect test "$(jq -r .reason "$result")" = usage

# A run that is killed before its options are complete: a password is awaited.
stale
mkfifo "$tmpdir/password"
exec 5<>"$tmpdir/password"
run_in_background v2v-nbdkit-launch -ip fd:5 --result-file "$result" -o null \
    "$tmpdir/disk"
wait_for not test -e "$result"
kill -KILL "$tool_pid"
wait_expecting 137
exec 5>&-
expect_not test -e "$result"

# What is behind a symbolic link becomes empty, and the link stays.
stale
ln -s "$result" "$tmpdir/link"
run_in_background v2v-nbdkit-launch --result-file "$tmpdir/link" --run \
    "touch '$tmpdir/running'; sleep 1000" "$tmpdir/disk"
wait_for test -e "$tmpdir/running"
expect_not test -s "$result"
kill -KILL "$tool_pid"
wait_expecting 137
expect test -L "$tmpdir/link"
expect_nothing_left

# Options that only tell something about the program leave it alone.
stale
run_expecting 0 v2v-nbdkit-launch --help --result-file "$result"
expect test "$(jq -r .status "$result")" = ok
