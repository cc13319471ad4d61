#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: overlays and records are kept where they survive a reboot.
. ./functions.sh

requires_plugin file
[ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] ||
    skip '/dev/shm is not a tmpfs'
memory=$(mktemp -d /dev/shm/v2vt.XXXXXX)
cleanup_fn rm -rf "$memory"
make_disk "$tmpdir/a" 1M
make_disk "$tmpdir/b" 1M
start_nbdkit export file "$tmpdir/b"
command=(v2v-nbdkit-launch --in-place
         --convert 'echo "$V2V_OVERLAY_0"; echo x >>"'"$tmpdir/converted"'"')

for check in '' --check; do
    run_expecting 1:unsupported:false "${command[@]}" $check \
        --overlay-dir "$memory" "$tmpdir/a"
    expect_error 'is in memory'
    expect_hint '--overlay-dir'
    run_expecting 1:unsupported:false "${command[@]}" $check \
        --state-dir "$memory" "$nbdkit_uri"
    expect_error 'is in memory'
    expect_hint '--state-dir'
    run_expecting 1:write:false "${command[@]}" $check \
        --state-dir "$tmpdir/a/state" "$nbdkit_uri"
    expect_error 'state directory cannot be used'
    expect_hint '--state-dir'
done
expect test ! -e "$tmpdir/converted"

# The record of a file is beside it.
run_expecting 0 "${command[@]}" --state-dir "$memory" "$tmpdir/a"
run_expecting 0 "${command[@]}" --state-dir "$tmpdir/a/state" "$tmpdir/a"

# Nobody has said that the overlays are to be in memory.
TMPDIR=$memory run_expecting 0 "${command[@]}" "$tmpdir/a"
expect grep -q '^/var/tmp/v2v' "$out"
expect_nothing_left
