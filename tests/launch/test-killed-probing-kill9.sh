#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of the tool while nbdkit waits for the source: nothing left.
. ./functions.sh

start_at probing
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
# A partial target may stay, for there is nobody to say that it is useless;
# but it must not have the target's name.
expect test ! -e "$tmpdir/out/guest-sda"
