#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without a terminal a line every 30 seconds tells how far the copy is, also
# while nothing moves or COMMAND runs, unless nobody wants to know, or JSON lines
# go where it would be printed.
. ./functions.sh

requires_plugin file
requires_filter rate
random_bytes disk | head -c 5M >"$tmpdir/disk"
pids=()

# start NAME OPTION...
start ()
{
    v2v-nbdkit-launch "${@:2}" -o null "$tmpdir/disk" \
        >"$tmpdir/$1.out" 2>"$tmpdir/$1.err" &
    pids+=($!)
}

# copy NAME OPTION...: takes more than 30 seconds.
copy ()
{
    start "$@" --bandwidth 1M
}

start convert --convert 'sleep 31'
start convert-log -q --convert 'sleep 31' --log "$tmpdir/convert.log"
# One request, which is given up before all of it could be read.
copy stalled --connections 1 --request-size 8M --stall-timeout 35 --retries 0
stalled=${pids[-1]}
copy plain --log "$tmpdir/plain.log"
copy quiet -q --log "$tmpdir/quiet.log"
copy none --no-progress
copy json --machine-readable=stream:stderr
copy fd --progress=9 9>"$tmpdir/fd"
for pid in "${pids[@]}"; do
    [ "$pid" = "$stalled" ] || expect wait "$pid"
done

line='^\[ +3[0-9]\.[0-9]\] [1-9][0-9]% of 5 MiB, [0-9.]+ KiB/s, 00:[0-9]{2} left$'
for file in plain.err plain.log fd.err quiet.log; do
    expect test "$(grep -Ec "$line" "$tmpdir/$file")" = 1
done
expect_not wait "$stalled"
expect grep -qE '^\[ +3[0-9]\.[0-9]\] 0% of 5 MiB, 0 B/s, --:-- left$' \
    "$tmpdir/stalled.err"
for file in convert.err convert.log; do
    expect grep -qE '^\[ +3.*\] the conversion goes on, after 00:30$' \
        "$tmpdir/$file"
done
expect_not grep -q 'goes on' "$tmpdir/convert-log.err"
for file in quiet.err none.err json.err plain.out; do
    expect_not grep -q '% of ' "$tmpdir/$file"
done
expect_not grep -q "$(printf '[\r\033]')" "$tmpdir/plain.err"
