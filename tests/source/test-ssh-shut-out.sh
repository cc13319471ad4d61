#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An ssh server that hangs up at once, and says why instead of its version:
# the user reads it, and what to do.
. ./functions.sh

requires_plugin ssh
requires_program socat

# says TEXT: start a server that says only that.  Sets port.
says ()
{
    printf '%b' "$1" >"$tmpdir/words"
    start_on_port socat launch_server
}

launch_server ()
{
    start_server "words$port" socat \
        "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" \
        "SYSTEM:cat '$tmpdir/words'"
}

says 'Not allowed at this time\r\n'
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "ssh://root@127.0.0.1:$port/disk"
expect_error 'the server says: Not allowed at this time$'
expect_hint 'PerSourcePenalties'

says 'Exceeded MaxStartups\r\n'
run_expecting 4:session-limit:true v2v-nbdkit-launch -o null \
    "ssh://root@127.0.0.1:$port/disk"
expect_error 'the server says: Exceeded MaxStartups$'

# A server of another kind: its words, as far as they are text.
says 'Go away\033[2J\001\r\n'
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "ssh://root@127.0.0.1:$port/disk"
expect_detail 'the server says: Go away$'

says ''
run_expecting 4:unreachable:true v2v-nbdkit-launch -o null \
    "ssh://root@127.0.0.1:$port/disk"
expect_error 'Socket error'

expect_nothing_left
