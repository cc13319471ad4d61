#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A password that the source will want is asked for on a terminal, once and
# without echo, and nowhere else.
. ./functions.sh

requires_program python3
use_vddk
for word in "${vddk_options[@]}"; do
    case $word in
        -ip | "$tmpdir/password") ;;
        *) vddk+=("$word") ;;
    esac
done
terminal=(python3 "$abs_srcdir/terminal.py" 80 "${tool[@]}")
# As on any terminal; this is a shell's, not a program's.
export TERM=xterm TERMINAL_QUESTION='password of root on esx.example.com: '
TERMINAL_ANSWER=$vddk_password run_expecting 0 "${terminal[@]}" \
    "${vddk[@]}" -o null '[ds] vm/vm.vmdk' '[ds] vm/vm.vmdk'
expect test "$(grep -cx "${TERMINAL_QUESTION% }" "$out")" = 1
expect_nowhere "$vddk_password"
# What was typed is the password.
TERMINAL_ANSWER=sesame-7f3a run_expecting 4:auth:false "${terminal[@]}" \
    "${vddk[@]}" -o null '[ds] vm/vm.vmdk'
expect_nowhere sesame-7f3a
# No answer is no password.
TERMINAL_ANSWER='' run_expecting 2:usage:false "${terminal[@]}" \
    "${vddk[@]}" -o null '[ds] vm/vm.vmdk'
expect_stdout '-it vddk needs the password'
# One that was given is not asked for.
run_expecting 0 "${terminal[@]}" "${vddk_options[@]}" -o null \
    '[ds] vm/vm.vmdk'
expect_not grep -q 'password of' "$out"

# Ctrl-C leaves the terminal as it was, which terminal.py looks at.
unset TERMINAL_QUESTION
TERMINAL_INTERRUPT='password of' run_expecting 130:interrupted:true \
    "${terminal[@]}" "${vddk[@]}" -o null '[ds] vm/vm.vmdk'
expect_stdout 'error: interrupted by signal 2'

# Programs are not asked, whatever they have for standard input.
run_expecting 2:usage:false v2v-nbdkit-launch "${vddk[@]}" -o null \
    '[ds] vm/vm.vmdk'
expect_error '-it vddk needs the password'
expect_hint '-ip FILE'
run_expecting 2:usage:false "${terminal[@]}" \
    "--machine-readable=file:$tmpdir/json" \
    "${vddk[@]}" -o null '[ds] vm/vm.vmdk'
expect_not grep -q 'password of' "$out"

# Nor is anybody asked where no disk is opened.
for action in --print-source --dry-run; do
    run_expecting 0 "${terminal[@]}" $action -o null http://alice@127.0.0.1:1/x
    expect_not grep -q 'password of' "$out"
done
expect_nothing_left
