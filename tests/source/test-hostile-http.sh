#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Web servers that lie, stop in the middle or never: an error, in time, and
# never a wrong copy.
. ./functions.sh

requires_plugin curl
requires_program python3
truncate -s 1M "$tmpdir/zero"
tr '\0' '\125' <"$tmpdir/zero" >"$tmpdir/good"
mkdir "$tmpdir/out"

launch_hostile ()
{
    start_server hostile python3 "$abs_srcdir/servers/hostile-http.py" \
        "$port" "${fault[@]}"
}

# from_hostile STATUS FAULT [NUMBER]
from_hostile ()
{
    fault=("${@:2}")
    start_on_port hostile launch_hostile
    run_expecting "$1" timeout 90 "${tool[@]}" --retries 1 --stall-timeout 2 \
        -os "$tmpdir/out" -on guest "http://127.0.0.1:$port/disk"
    ! grep -Eq 'Assertion|core dumped|ERROR: (Address|Leak|Thread)San' \
        "$err" || fail "something crashed"
    if [ -e "$tmpdir/out/guest-sda" ]; then
        expect_same "$tmpdir/good" "$tmpdir/out/guest-sda"
    fi
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    expect_nothing_left
    stop_pid "$server_pid"
}

from_hostile 0 none
step=${V2V_TEST_STEP:-61}
for ((at = 0; at < 250; at += step)); do
    from_hostile '4:read:true|4:unreachable:true' cut $at
done
# A connection that gives more than that is replaced by the next one.
from_hostile '[0-8]' cut 600000
from_hostile 4:read:true short
from_hostile 4:no-range:false range
from_hostile 4:unsupported:false rubbish
from_hostile 4:timeout:true stall
from_hostile '[0-8]' endless
from_hostile '[0-8]' headers
# Not what Content-Range says.
from_hostile 4:source-changed:false size 2097152
from_hostile 4 size -1
from_hostile 4:no-range:false size 9223372036854775808
