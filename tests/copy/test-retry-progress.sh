#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit dies more often than --retries allows, but each time some more was
# stored before: the copy goes on.
. ./functions.sh

requires_plugin file
requires_filter rate
# For each 64 MiB, which is a chunk of the journal, a second.
truncate -s 512M "$tmpdir/disk"
for ((i = 0; i < 8; i++)); do
    write_random "$tmpdir/disk" $((i << 26)) $((1 << 20))
done
mkdir "$tmpdir/out"
# stored: how often the journal was told of data.
stored () { cat "$tmpdir/out/guest.part/journal" 2>/dev/null | grep -c digests || :; }
has_stored () { [ "$(stored)" -gt "$before" ]; }
# Is there an nbdkit, and another one than that which was killed?
is_new ()
{
    local now

    now=$(children_called nbdkit)
    [ -n "$now" ] && [ "$now" != "$pid" ] && pid=$now
}

run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --bandwidth 8M --connections 1 --request-size 256k --retries 1 \
    "$tmpdir/disk"
pid=none
for i in 1 2; do
    wait_for is_new
    before=$(stored)
    wait_for has_stored
    kill -KILL "$pid"
done
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
