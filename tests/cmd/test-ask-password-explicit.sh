#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -ip - asks for a password, where only the user knows that one is needed.
. ./functions.sh

requires_program python3
requires_plugin ssh
mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
export TERM=xterm TERMINAL_QUESTION='password'
terminal=(python3 "$abs_srcdir/terminal.py" 80 "${tool[@]}")

run_expecting 2:usage:false v2v-nbdkit-launch -ip - -o null \
    "$tmpdir/www/disk"
expect_error 'there is no terminal'
expect_hint 'fd:0'
TERMINAL_ANSWER=$http_password run_expecting 0 "${terminal[@]}" \
    -ip - -o null "${http_url/:\/\//://$http_user@}/auth/disk"
expect_stdout "^password of $http_user on 127.0.0.1:$"
expect_nowhere "$http_password"
# A user in the URL of a web server wants one anyway.
TERMINAL_ANSWER=$http_password run_expecting 0 "${terminal[@]}" -o null \
    "${http_url/:\/\//://$http_user@}/auth/disk"
TERMINAL_ANSWER=$http_password run_expecting 0 "${terminal[@]}" -o null \
    -io curl-user="$http_user" "$http_url/auth/disk"
expect_stdout "^password of $http_user on 127.0.0.1:$"
# Nobody knows whether an SSH server does.
TERMINAL_ANSWER=$http_password run_expecting 4 "${terminal[@]}" -ip - \
    -o null "ssh://nobody@127.0.0.1:1/disk"
expect_stdout "^password:$"
expect_nothing_left
