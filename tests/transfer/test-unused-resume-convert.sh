#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused: a copy that was killed after its conversion is completed; what
# is free is found again in the overlay, whose source has another server now.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_filter rate
make_lived_in "$tmpdir/disk" 140
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
start_nbdkit source --readonly file "$tmpdir/disk"
mkdir "$tmpdir/overlays"
for source in "$tmpdir/disk.qcow2" "$nbdkit_uri"; do
    mkdir "$tmpdir/out"
    rm -f "$tmpdir/converted"
    make_conversion "$tmpdir/convert" "$tmpdir/disk"
    copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
          --skip-unused on --overlay-dir "$tmpdir/overlays"
          --convert "sh '$tmpdir/convert' >/dev/null" "$source")
    run_in_background "${copy[@]}" --bandwidth 60M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    run_expecting 0 "${copy[@]}" --resume
    expect_converted "$tmpdir/out/guest-sda"
    expect test "$(wc -l <"$tmpdir/converted")" = 1
    expect test -z "$(ls -A "$tmpdir/overlays")"
    expect_nothing_left
    rm -r "$tmpdir/out"
done
