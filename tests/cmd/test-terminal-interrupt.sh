#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# After Ctrl-C the terminal is as it was, and the bars are gone.
. ./functions.sh

requires_program python3
requires_plugin file
requires_filter rate
random_bytes disk | head -c 4M >"$tmpdir/disk"
export TERM=xterm TERMINAL_INTERRUPT='#-'
run_expecting 130:interrupted:true python3 "$abs_srcdir/terminal.py" 80 \
    "${tool[@]}" --bandwidth 10M -o null "$tmpdir/disk"
expect_stdout 'error: interrupted by signal 2'
expect_not grep -q 'sda' "$out"
expect_nothing_left
