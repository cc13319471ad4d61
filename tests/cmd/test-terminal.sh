#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a terminal there is a line for each disk, redrawn in its place.
. ./functions.sh

requires_program python3
requires_plugin file
requires_filter rate
random_bytes disk | head -c 4M >"$tmpdir/disk"
random_bytes disk2 | head -c 1M >"$tmpdir/disk2"
export TERM=xterm TERMINAL_RAW=$tmpdir/raw
unset NO_COLOR

# on_terminal COLUMNS OPTION...
on_terminal ()
{
    run_expecting 0 python3 "$abs_srcdir/terminal.py" "$1" "${tool[@]}" \
        "${@:2}" --bandwidth 8M -o null "$tmpdir/disk" "$tmpdir/disk2"
}

# count PATTERN: the lines of the screen with it.
count () { grep -Ec -- "$1" "$out" || :; }

# bars: how many lines of the screen are bars, all of them complete.
bars () { count '^  sd[ab] .* 100% \[#+\] .*/s 00:00$'; }

on_terminal 80
expect test "$(bars)" = 2
expect test "$(count '^  sd')" = 2
expect_stdout 'Finished in'
# In the end that of the whole copy: some 8 Mbit/s.
expect_not grep -E ' 0B?/s' "$out"
expect_not grep -v -e '^\[' -e '^  sd' -e '^$' "$out"
expect grep -q "$(printf '\033\[32m')" "$tmpdir/raw"
expect test "$(grep -E '^  sd' "$out" | head -n 1 | wc -c)" = 80

# Narrow ones, down to nothing.
on_terminal 30
expect_stdout '^sda 100%$'
on_terminal 3
on_terminal 1

# It becomes narrower and wider while bars are drawn.
on_terminal 100,46
expect test "$(count '^ *sda')" -le 1
expect test "$(count 100%)" = 2
on_terminal 46,100
expect test "$(bars)" = 2

NO_COLOR=1 on_terminal 80
expect_not grep -q "$(printf '\033\[[0-9;]*m')" "$tmpdir/raw"
NO_COLOR=1 on_terminal 80 --colours
expect grep -q "$(printf '\033\[32m')" "$tmpdir/raw"
TERM=dumb on_terminal 80
expect_not grep -q "$(printf '\033')" "$tmpdir/raw"
on_terminal 80 --no-progress
expect test "$(count %)" = 0
on_terminal 80 -q
expect test "$(count .)" = 0
