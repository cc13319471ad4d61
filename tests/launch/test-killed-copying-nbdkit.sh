#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of nbdkit while the copy runs: an error, or it goes on.
. ./functions.sh

start_at copying
for pid in $(children_called nbdkit); do
    kill -KILL "$pid"
done
echo 1G >"$tmpdir/rate"
got=0
for ((i = 0; i < run_timeout * 20; i++)); do
    is_running "$tool_pid" || break
    sleep 0.05
done
wait "$tool_pid" 2>/dev/null || got=$?
# Started again, the copy is whole; given up, there is none.
case $got in
    0) expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda" ;;
    4|6)
        expect_error 'nbdkit.*(killed|signal 9)'
        expect test ! -e "$tmpdir/out/guest-sda"
        ;;
    *) fail "exit status $got" ;;
esac
expect_nothing_left
