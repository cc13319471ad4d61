#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What cannot be opened over ssh and NBD is told at once, also where nbdkit's
# retry filter would open it again (since 1.33.8).
. ./functions.sh

requires_plugin ssh
requires_plugin nbd
start_sshd
pick_port

# fails_at_once SOURCE...: the fastest of three runs takes less time than
# errors that nbdkit may recover from are given (1.5 seconds).
fails_at_once ()
{
    local begin i took fastest=99999

    for ((i = 0; i < 3; i++)); do
        begin=${EPOCHREALTIME/[.,]/}
        run_expecting 4 v2v-nbdkit-launch -o null "$@"
        took=$(((${EPOCHREALTIME/[.,]/} - begin) / 1000))
        [ $took -gt $fastest ] || fastest=$took
    done
    sanitized || under_valgrind || expect test "$fastest" -lt 1200
    expect_nothing_left
}

fails_at_once "${ssh_options[@]}" \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/none"
expect_error 'No such file'
fails_at_once "nbd://127.0.0.1:$port"
expect_error 'Connection refused'
fails_at_once "nbd+unix:///?socket=$tmpdir/none"
expect_error 'No such file'
