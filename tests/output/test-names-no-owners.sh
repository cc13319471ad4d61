#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -os on a file system that calls our files another user's (as NFS does with
# root's), or has no modes (as vfat, which refuses to change them): all is done
# there, and resumed; and a result file is written.
. ./functions.sh

requires_root
requires_plugin file
requires_filter rate
requires_program bindfs
requires test -w /dev/fuse
truncate -s 260M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((260 << 20))
mkdir "$tmpdir/real" "$tmpdir/out"
unmount () { ! mountpoint -q "$tmpdir/out" || umount "$tmpdir/out"; }
cleanup_fn unmount
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "$tmpdir/disk")
echo '[{"start":0,"length":65536}]' >"$tmpdir/extents"

for options in "--force-user=12345 --chmod-ignore" \
    "--perms=a+rwX --chmod-deny" \
    "--force-user=12345 --perms=a+rwX --chmod-deny"; do
    # shellcheck disable=SC2086
    bindfs $options --chown-ignore "$tmpdir/real" "$tmpdir/out" ||
        skip "bindfs cannot mount here"
    run_in_background "${copy[@]}" --bandwidth 250M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    run_expecting 0 "${copy[@]}" --resume --result-file "$tmpdir/out/result"
    expect_stderr 'Resuming'
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    run_expecting 0 "${copy[@]}" --changed-extents "$tmpdir/extents"
    expect grep -q '"status":"ok"' "$tmpdir/out/result"
    rm "$tmpdir/out/result"
    expect test "$(ls -A "$tmpdir/out")" = $'guest-sda\nguest.xml'
    rm "$tmpdir"/out/*
    umount "$tmpdir/out"
done
expect_nothing_left
