#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD servers that break the protocol, as source and as target: an error, in
# time, and never a wrong copy.
. ./functions.sh

requires_plugin nbd
requires_program python3
truncate -s 1M "$tmpdir/good"
tr '\0' '\125' <"$tmpdir/good" >"$tmpdir/filled"
mv "$tmpdir/filled" "$tmpdir/good"
mkdir "$tmpdir/out"

# start_hostile FAULT [NUMBER]
start_hostile ()
{
    fault=$1
    rm -f "$tmpdir/hostile"
    start_server hostile python3 "$abs_srcdir/servers/hostile-nbd.py" \
        "$tmpdir/hostile" "$@"
    wait_for test -S "$tmpdir/hostile"
    uri="nbd+unix:///?socket=$tmpdir/hostile"
}

# from_hostile STATUS FAULT [NUMBER]; to_hostile likewise
from_hostile ()
{
    start_hostile "${@:2}"
    run_expecting "$1" timeout 100 "${tool[@]}" --retries 1 --stall-timeout 2 \
        -os "$tmpdir/out" -on guest "$uri"
    see_what_came
}

to_hostile ()
{
    start_hostile "${@:2}"
    run_expecting "$1" timeout 100 "${tool[@]}" --retries 1 --stall-timeout 2 \
        -o nbd -oo uri="$uri" "$tmpdir/good"
    see_what_came
}

see_what_came ()
{
    ! grep -Eq 'Assertion|core dumped|ERROR: (Address|Leak|Thread)San' \
        "$err" || fail "something crashed"
    # A byte of the data cannot be known to be wrong.
    if [ -e "$tmpdir/out/guest-sda" ] && [ "$fault" != flip ]; then
        expect_same "$tmpdir/good" "$tmpdir/out/guest-sda"
    fi
    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    expect_nothing_left
    stop_pid "$server_pid"
}

from_hostile 0 none
to_hostile 0 none
step=${V2V_TEST_STEP:-29}
for ((at = 0; at < 200; at += step)); do
    from_hostile 4:read:true cut $at
    # Where several bytes suffice for what is to be written.
    to_hostile '[0-8]' cut $at
    from_hostile '[0-8]' flip $at
    to_hostile '[0-8]' flip $at
done
from_hostile 6:read:true cut 600000
# What came before the endless rest may be all that is needed.
from_hostile '[0-8]' endless
for bad in short cookie error; do
    from_hostile 4:read:true $bad
done
from_hostile 4:timeout:true stall
for bad in cookie error; do
    to_hostile 6 $bad
done
from_hostile '[0-8]' options
to_hostile '[0-8]' options
for size in 0 1 9223372036854775807 9223372036854775808 \
            18446744073709551615; do
    to_hostile '[0-8]' size $size
done
# Read as if it were so, since it answers.
for size in 9223372036854775807 9223372036854775808 18446744073709551615; do
    start_hostile size $size
    run_expecting 4 timeout 100 "${tool[@]}" --retries 1 \
        -oa preallocated -os "$tmpdir/out" -on guest "$uri"
    see_what_came
done
