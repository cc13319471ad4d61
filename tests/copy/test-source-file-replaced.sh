#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A local file that is cut, or replaced by another one, while it is read: the
# source has changed, at once, and the target is no mixture.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 64M "$tmpdir/new"
write_random "$tmpdir/new" 0 67108864
truncate -s 64M "$tmpdir/target"
start_nbdkit target --filter rate file "$tmpdir/target" rate=120M
has_data () { [ "$(stat -c %b "$1")" -gt 2000 ]; }

# change_with COMMAND...: while the disk is copied.
change_with ()
{
    cp "$tmpdir/new" "$tmpdir/disk"
    rm -rf "$tmpdir/state"
    fallocate --punch-hole --offset 0 --length 64M "$tmpdir/target"
    run_in_background v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="$nbdkit_uri" --result-file "$tmpdir/result" "$tmpdir/disk"
    wait_for has_data "$tmpdir/target"
    "$@"
    wait_expecting 6
    expect_error 'disk was changed while it was copied'
    expect test "$(jq -r .reason "$tmpdir/result")" = source-changed
    expect_nothing_left
}

SECONDS=0
change_with truncate -s 40M "$tmpdir/disk"
expect_seconds 15
change_with truncate -s 70M "$tmpdir/disk"
cp "$tmpdir/new" "$tmpdir/other"
change_with mv "$tmpdir/other" "$tmpdir/disk"
change_with rm "$tmpdir/disk"
