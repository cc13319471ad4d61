#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Answers that do not end are given up within 5 seconds, all of them together:
# what comes before an answer, redirections one after the other, and what nbdkit
# asks when the server has answered ourselves.
. ./functions.sh

requires_plugin curl
requires_program python3

launch_hostile ()
{
    start_server "$fault" python3 "$abs_srcdir/servers/hostile-http.py" \
        "$port" "$fault"
}

faults=(continue away head-trickles first-trickles)
declare -A url pid
for fault in "${faults[@]}"; do
    start_on_port "$fault" launch_hostile
    url[$fault]=http://127.0.0.1:$port/disk
done
SECONDS=0
for fault in "${faults[@]}"; do
    "${tool[@]}" -o null --result-file "$tmpdir/$fault.json" \
        "${url[$fault]}" >"$tmpdir/logs/$fault.out" 2>&1 &
    pid[$fault]=$!
done
for fault in "${faults[@]}"; do
    status=0
    wait "${pid[$fault]}" || status=$?
    expect test $status = 4
    expect grep -q '"timeout"' "$tmpdir/$fault.json"
done
expect_seconds 10
expect grep -q 'does not end its answer to HEAD' \
    "$tmpdir/logs/head-trickles.out"
expect grep -q 'the first 512 bytes' "$tmpdir/logs/first-trickles.out"
expect_nothing_left
