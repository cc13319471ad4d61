#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What this host lacks, and wrong usage: status and reason of each.
. ./functions.sh

requires_plugin file
disk=$tmpdir/disk disk2=$tmpdir/disk2
make_disk "$disk" 2M
make_disk "$disk2" 2M
mkdir "$tmpdir/out"
echo '#!/bin/sh' >"$tmpdir/locked"

# with_stand_in VERSION COMMAND...
with_stand_in ()
{
    (use_stand_in "$1" retry
     "${@:2}")
    made_failure=yes
}

run_failures host
