#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Started with SIGHUP ignored (nohup), SIGHUP does not end it.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
# shellcheck disable=SC2206
tool=(env --ignore-signal=HUP "$tool_mark" ${VG-}
      "$tool_program")
run_in_background v2v-nbdkit-launch -o null --convert \
    "touch '$tmpdir/reached'
     while test ! -e '$tmpdir/go'; do sleep 0.1; done" \
    "$tmpdir/disk"
wait_for test -e "$tmpdir/reached"
kill -HUP "$tool_pid"
sleep 0.5
touch "$tmpdir/go"
wait_expecting 0
expect_nothing_left
