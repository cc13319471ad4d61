#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A conversion that fails while the source is copied leaves no target, and
# nothing to resume; a device has been written to, which is said.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_plugin memory
make_ahead disk
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
remember "$tmpdir/disk"
mkdir "$tmpdir/out"
# When all is stored, and when nothing is.
for wait in "while [ ! -e '$tmpdir/out/guest.part/journal' ]; do sleep 0.1; done" \
    true; do
    run_expecting 5:convert:false v2v-nbdkit-launch -o disk --resume \
        -os "$tmpdir/out" -on guest --convert "$wait; exit 3" "$source"
    expect_stderr 'Copying the source meanwhile'
    expect_error 'status 3'
    expect_hint 'nothing was copied and the source is untouched'
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
done

# The overlay is not what it should be.
run_expecting 5:convert:false v2v-nbdkit-launch -o disk \
    -os "$tmpdir/out" -on guest --convert 'rm "$overlay"; sleep 1' "$source"
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left

# A program that the command has left is waited for, but not for ever.
run_expecting 5:convert:false v2v-nbdkit-launch -o disk \
    -os "$tmpdir/out" -on guest --stall-timeout 2 --convert '
        (sleep 1000) | qemu-io -f raw "$V2V_OVERLAY_URI_0" >/dev/null &
        sleep 1' "$source"
expect_error 'still uses the overlay'
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left

start_nbdkit target memory 150M
run_expecting 5:convert:false v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" \
    --copy-while-converting on --convert 'sleep 1; exit 3' "$source"
expect_hint 'what was copied of it is on the target'
expect_nothing_left
expect_untouched
