#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Targets that cannot be written: status and reason of each.
. ./functions.sh

requires_plugin file
requires_filter error
disk=$tmpdir/disk disk2=$tmpdir/disk2 small=$tmpdir/small
make_disk "$disk" 2M
make_disk "$disk2" 2M
truncate -s 1M "$small"
mkdir "$tmpdir/out"
start_silent_server

# hold_target: another run writes to the target, until release_target.
hold_target ()
{
    rm -f "$tmpdir/reached" "$tmpdir/go"
    run_in_background v2v-nbdkit-launch -os "$tmpdir/out" -on guest \
        --convert "touch '$tmpdir/reached'
                   while [ ! -e '$tmpdir/go' ]; do sleep 0.1; done" "$disk2"
    wait_for test -e "$tmpdir/reached"
}

release_target ()
{
    cp "$err" "$tmpdir/err"
    touch "$tmpdir/go"
    wait_expecting 0
    cp "$tmpdir/err" "$err"
}

run_failures target
