#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Overlays that an interrupted copy needs stay when the run and its guard are
# killed, until the copy is completed or its journal is removed.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c "write -P 0x5a 120M 1M" "$tmpdir/want" >/dev/null
mkdir "$tmpdir/overlays"
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest
      --overlay-dir "$tmpdir/overlays" --convert
      "echo >>'$tmpdir/converted'
       qemu-io -f qcow2 -c 'write -P 0x5a 120M 1M' \"\$overlay\" >/dev/null"
      "$tmpdir/disk")
other=(v2v-nbdkit-launch -q -if raw -o null --overlay-dir "$tmpdir/overlays"
       "$tmpdir/small")
make_disk "$tmpdir/small" 1M

for what in complete remove; do
    mkdir "$tmpdir/out"
    rm -f "$tmpdir/converted"
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for test -e "$tmpdir/out/guest.part/journal"
    # shellcheck disable=SC2046
    kill -KILL $(children_called v2v-guard) "$tool_pid"
    wait_expecting 137
    run_expecting 0 "${other[@]}"
    expect test "$(ls "$tmpdir"/overlays/*/*)" = \
        "$(ls "$tmpdir"/overlays/*/sda.qcow2)"
    if [ $what = complete ]; then
        run_expecting 0 "${copy[@]}" --resume
        expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
        expect test "$(wc -l <"$tmpdir/converted")" = 1
        rm -r "$tmpdir/out"
    else
        # Not mounted is not removed.
        mv "$tmpdir/out" "$tmpdir/away"
        mkdir "$tmpdir/out"
        run_expecting 0 "${other[@]}"
        expect test -n "$(ls -A "$tmpdir/overlays")"
        rmdir "$tmpdir/out"
        mv "$tmpdir/away" "$tmpdir/out"
        rm -r "$tmpdir/out/guest.part"
        run_expecting 0 "${other[@]}"
    fi
    expect test -z "$(ls -A "$tmpdir/overlays")"
    expect_nothing_left
done
