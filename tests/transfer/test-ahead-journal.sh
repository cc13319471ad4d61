#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A release that does not know of copies of the source beside a conversion would
# take what such a run has stored for converted: it refuses the run's journal.
# Those of other runs are what they were.
. ./functions.sh

requires_plugin file
truncate -s 512M "$tmpdir/disk"
write_random "$tmpdir/disk" 400000000 20000000
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out" "$tmpdir/overlays"
journal=$tmpdir/out/guest.part/journal

# interrupted VERSION ARGUMENT...: a run that is killed when it has a journal.
interrupted ()
{
    run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        --overlay-dir "$tmpdir/overlays" --resume --bandwidth 10M "${@:2}" \
        "$nbdkit_uri"
    wait_for test -e "$journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect test "$(head -n 1 "$journal")" = "v2v-nbdkit-launch-journal $1"
    expect_nothing_left
}

# begin_again: without what is left.
begin_again () { rm -rf "$tmpdir"/out/* "$tmpdir"/overlays/*; }

interrupted 2
begin_again
interrupted 2 --copy-while-converting off --convert true
begin_again

# While it converts, and when it has converted.
interrupted 4 --convert 'sleep 1000'
begin_again
interrupted 4 --convert "while [ ! -e '$journal' ]; do sleep 0.1; done"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --overlay-dir "$tmpdir/overlays" --resume \
    --convert "while [ ! -e '$journal' ]; do sleep 0.1; done" "$nbdkit_uri"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
