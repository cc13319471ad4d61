#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A program that COMMAND leaves in the background still writes to the overlay:
# it is waited for, but not longer than --stall-timeout.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c "write -P 7 0 1M" "$tmpdir/want" >/dev/null
remember "$tmpdir/disk"
start_nbdkit remote --readonly file "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest)
# qemu-io has the image open until its input ends.
late="(echo open -o driver=qcow2 \"\$overlay\"; sleep 1
       echo write -P 7 0 1M; sleep %s) | qemu-io >/dev/null 2>&1 &
      sleep 0.5"
# shellcheck disable=SC2059
run_expecting 0 "${copy[@]}" --convert "$(printf "$late" 1)" "$tmpdir/disk"
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
rm -r "$tmpdir/out"/*
# shellcheck disable=SC2059
run_expecting 5 "${copy[@]}" --stall-timeout 1 \
    --convert "$(printf "$late" 1000)" "$tmpdir/disk"
expect_error 'a program still writes to the overlay'
expect test -z "$(ls -A "$tmpdir/out")"
expect_untouched
expect_nothing_left

# Of a remote source, too, it gets what it has to read before it can write.
run_expecting 0 "${copy[@]}" --convert "
    (echo open -o driver=qcow2 \"\$overlay\"; sleep 2
     echo write -P 7 1000 1000) | qemu-io >/dev/null 2>&1 &
    sleep 0.5" "$nbdkit_uri"
cp "$tmpdir/disk" "$tmpdir/want"
qemu-io -f raw -c "write -P 7 1000 1000" "$tmpdir/want" >/dev/null
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect_nothing_left
