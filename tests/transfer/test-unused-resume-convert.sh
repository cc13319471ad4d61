#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused: a copy that was interrupted after its conversion is completed,
# and what is free is found again in the overlay, whose source has another
# server now.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_plugin nbd
requires_filter rate
make_lived_in "$tmpdir/disk" 280
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
# What is in use is near the beginning, and so in the journal at the end only.
# Then a slow target is read back.
truncate -s 280M "$tmpdir/target"
start_nbdkit target --filter=rate file "$tmpdir/target" \
    rate-file="$tmpdir/rate"
has_journal () { compgen -G "$state_dir/*.journal" >/dev/null; }
mkdir "$tmpdir/overlays"
for source in "$tmpdir/disk.qcow2" "$source"; do
    truncate -s 0 "$tmpdir/target"
    truncate -s 280M "$tmpdir/target"
    rm -f "$tmpdir/converted"
    make_conversion "$tmpdir/convert" "$tmpdir/disk"
    copy=(v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" -oo zero=auto
          --skip-unused on --verify --overlay-dir "$tmpdir/overlays"
          --convert "sh '$tmpdir/convert' >/dev/null" "$source")
    echo 30M >"$tmpdir/rate"
    run_in_background "${copy[@]}"
    wait_for has_journal
    kill -TERM "$tool_pid"
    wait_expecting 143:interrupted:false:true
    expect_nothing_left
    echo 10G >"$tmpdir/rate"
    run_expecting 0 "${copy[@]}" --resume
    expect_converted "$tmpdir/target"
    expect test "$(wc -l <"$tmpdir/converted")" = 1
    expect test -z "$(ls -A "$tmpdir/overlays")"
    expect_nothing_left
done
