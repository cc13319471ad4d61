#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Guests of VMware's servers: status and reason of what goes wrong.
. ./functions.sh

start_vmware
start_silent_server
echo wrong >"$tmpdir/wrong"

# with_stand_in VERSION COMMAND...
with_stand_in ()
{
    (use_stand_in "$1" retry
     "${@:2}")
    made_failure=yes
}

run_failures vcenter
