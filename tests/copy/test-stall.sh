#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server that says nothing for a while, the source's or the target's, costs
# that while; one that never speaks again ends the copy when --stall-timeout
# has passed as often as --retries allows, and what was copied is kept.
. ./functions.sh

requires_plugin file
requires_filter rate
size=24M
pause=2
timeout=1
if [ -n "${V2V_TEST_LONG-}" ]; then
    pause=15
    timeout=10
fi
random_bytes disk | head -c $size >"$tmpdir/disk"
mkdir "$tmpdir/out"

# start_slow NAME FILE: a server that takes some seconds for all of it.
start_slow ()
{
    start_nbdkit "$1" --filter rate file "$2" rate=64M
}

# copy_from NAME RETRIES, copy_to NAME RETRIES: in the background.
copy_from ()
{
    start_slow "$1" "$tmpdir/disk"
    run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        --retries "$2" --stall-timeout $timeout --resume "$nbdkit_uri"
    wait_for test -e "$tmpdir/out/guest.part/sda"
}

copy_to ()
{
    rm -f "$tmpdir/target"
    truncate -s $size "$tmpdir/target"
    start_slow "$1" "$tmpdir/target"
    run_in_background v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
        --retries "$2" --stall-timeout $timeout "$tmpdir/disk"
    wait_for has_data "$tmpdir/target"
}

has_data () { [ "$(stat -c %b "$1")" -gt 0 ]; }

# falls_silent: let it copy for a moment, then stop the server.
falls_silent ()
{
    sleep 0.5
    kill -STOP "$nbdkit_pid"
    SECONDS=0
}

copy_from pause-source 3
falls_silent
sleep $pause
kill -CONT "$nbdkit_pid"
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
rm -r "$tmpdir/out"
mkdir "$tmpdir/out"

copy_to pause-target 3
falls_silent
sleep $pause
kill -CONT "$nbdkit_pid"
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/target"

# For ever: twice the time, and what it takes to end the servers, each of which
# is given some seconds: 8 to 20 s were seen, far from the usual 300 s.
copy_to silent-target 1
falls_silent
wait_expecting '6:stalled:true|6:timeout:true'
expect_error 'does not answer|has not answered'
expect_seconds $((2 * timeout + 30))
kill -KILL "$nbdkit_pid"
expect_nothing_left

copy_from silent-source 1
falls_silent
wait_expecting '6:stalled:true|6:timeout:true'
expect_seconds $((2 * timeout + 30))
expect_error 'does not answer|nothing has been copied|timed out'
kill -KILL "$nbdkit_pid"
start_nbdkit again file "$tmpdir/disk"
ln -sf "$nbdkit_socket" "$tmpdir/silent-source.sock"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --resume "nbd+unix:///?socket=$tmpdir/silent-source.sock"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
