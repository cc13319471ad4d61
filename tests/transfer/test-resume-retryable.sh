#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# retryable and resumable of copies that are interrupted: the same call without
# --resume would be refused, and with --resume go on.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
result=$tmpdir/result
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch --bandwidth 150M --retries 0 -os "$tmpdir/out"
      -on guest "$tmpdir/disk")
says () { jq -r '.reason, .retryable, .resumable' "$result" | xargs; }
is_copying () { [ "$tmpdir/out/guest.part/journal" -nt "$tmpdir/begun" ]; }

# interrupt HOW STATUS ARGUMENT...
interrupt ()
{
    touch "$tmpdir/begun"
    run_in_background "${copy[@]}" --result-file "$result" "${@:3}"
    wait_for is_copying
    if [ "$1" = signal ]; then
        kill -TERM "$tool_pid"
    else
        # shellcheck disable=SC2046
        kill -KILL $(children_called nbdkit)
    fi
    wait_expecting "$2"
}

interrupt signal 143
expect test "$(says)" = 'interrupted false true'
# The same call is refused, however often it is made.
run_expecting 1 "${copy[@]}" --result-file "$result"
expect test "$(says)" = 'target-busy false true'
interrupt server 6 --resume
expect grep -Eqx '(read|nbdkit-crash) true true' <<<"$(says)"
rm -r "$tmpdir"/out/*
interrupt server 6
expect grep -Eqx '(read|nbdkit-crash) false true' <<<"$(says)"

# Another run at work on the target: it will end.
rm -r "$tmpdir"/out/*
run_in_background "${copy[@]}"
wait_for test -e "$tmpdir/out/guest.part/sda"
for how in --resume -q; do
    run_expecting 1 "${copy[@]}" --result-file "$result" $how
    expect test "$(says)" = 'target-busy true false'
done
kill -KILL "$tool_pid"
