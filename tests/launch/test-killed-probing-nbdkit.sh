#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGKILL of nbdkit while nbdkit waits for the source: an error, not a hang.
. ./functions.sh

start_at probing
for pid in $(children_called nbdkit); do
    kill -KILL "$pid"
done
wait_expecting 4:nbdkit-crash:true
expect_error 'nbdkit.*(killed|signal 9)'
expect_nothing_left
expect test ! -e "$tmpdir/out/guest-sda"
