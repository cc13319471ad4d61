#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -ic esx:// on a terminal: the password of the URI's user is asked for, before
# libvirt connects.
. ./functions.sh

requires_program python3
start_vmware
export TERM=xterm
export TERMINAL_QUESTION='password of root on 127.0.0.1: '
export TERMINAL_ANSWER=$vmware_password
run_expecting 0 python3 "$abs_srcdir/terminal.py" 80 "${tool[@]}" \
    --print-source -ic "$vmware_uri" 'mail server'
expect_stdout "^${TERMINAL_QUESTION% }$"
expect_stdout 'mail server'
expect_nowhere "$vmware_password"
# Other connections are not for it.
run_expecting 0 python3 "$abs_srcdir/terminal.py" 80 "${tool[@]}" \
    --print-source -ic test:///default test
expect_not grep -q 'password of' "$out"
expect_nothing_left
