#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The printed line can be pasted into bash, whatever the file is called, and is
# one line.
. ./functions.sh

requires_plugin file
requires_program nbdcopy
name="a 'b' \"c\" \$d %20 ,e=f:g;h*"$'\n'"i\\j"
make_disk "$tmpdir/$name" 1M
run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/$name"
# The copy may have a command of its own.
line=$(head -n 1 "$out")
export V2VDIR="$tmpdir/private dir"
mkdir "$V2VDIR"
printf '%s\n' "exec env $line" >"$tmpdir/pasted"
start_server pasted bash "$tmpdir/pasted"
wait_for test -e "$V2VDIR"/in0.pid
nbdcopy "nbd+unix:///?socket=${V2VDIR// /%20}/in0" "$tmpdir/copy"
expect_same "$tmpdir/$name" "$tmpdir/copy"
