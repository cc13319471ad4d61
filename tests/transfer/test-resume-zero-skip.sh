#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo zero=skip promises a target of zeroes: after an interrupted run, whose
# conversion may have written something there, that holds no more.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program qemu-io
truncate -s 150M "$tmpdir/disk" "$tmpdir/target" "$tmpdir/behind"
write_random "$tmpdir/disk" $((4 << 20)) $((146 << 20))
start_nbdkit target file "$tmpdir/behind"
mkdir "$tmpdir/overlays"
for output in "-o device -oo path=$tmpdir/target" \
              "-o nbd -oo uri=$nbdkit_uri"; do
    echo 'qemu-io -f raw -c "write -P 7 1M 64k" "$V2V_OVERLAY_URI_0"' \
        >"$tmpdir/convert"
    # shellcheck disable=SC2206
    copy=(v2v-nbdkit-launch $output -oo zero=skip --overlay-dir
          "$tmpdir/overlays" --convert ". '$tmpdir/convert'" "$tmpdir/disk")
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for sh -c "ls '$state_dir'/*.journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    # The other conversion leaves zeroes there.
    expect_nothing_left
    rm -r "$tmpdir"/overlays/*
    echo : >"$tmpdir/convert"
    run_expecting 0 "${copy[@]}" --resume
done
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_same "$tmpdir/disk" "$tmpdir/behind"
