#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guard that cleans up late, when another run has made a file with the same
# name, leaves this file alone.
. ./functions.sh

make_disk "$tmpdir/disk" 16M
start_at copying
guard=$(children_called v2v-guard)
expect test -n "$guard"
kill -STOP "$guard"
kill -KILL "$tool_pid"
wait_expecting 137
wait_for not has_child nbdkit
expect test -e "$tmpdir/out/guest.part/sda"
# It waits some seconds for the guard, and then begins again.
first=$(stat -c %i "$tmpdir/out/guest.part/sda")
echo 400k >"$tmpdir/rate"
run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --bandwidth-file "$tmpdir/rate" --resume "$tmpdir/disk"
second_copies ()
{
    [ "$(find "$tmpdir/out/guest.part" -name sda -newer "$tmpdir/rate")" ] &&
        [ "$(children_called v2v-guard | wc -l)" = 2 ]
}
wait_for second_copies
printf 'inodes: %s, then %s\n' "$first" \
    "$(stat -c %i "$tmpdir/out/guest.part/sda")"
kill -CONT "$guard"
wait_for not is_running "$guard"
expect test -e "$tmpdir/out/guest.part/sda"
# Its lock is still there, too.
out=$tmpdir/third.out err=$tmpdir/third.err \
    run_expecting 1 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --resume "$tmpdir/disk"
expect grep -q 'another run' "$tmpdir/third.err"
echo 10G >"$tmpdir/rate"
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
