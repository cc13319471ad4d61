#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbdkit and qemu-nbd are killed again and again: they are started again and
# the copy is whole, and so are its digests.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 200M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 209715200
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
for source in disk disk.qcow2; do
    mkdir "$tmpdir/out"
    run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        -of qcow2 --bandwidth 250M --verify --result-file "$tmpdir/result" \
        "$tmpdir/$source"
    wait_for test -e "$tmpdir/out/guest.part/sda"
    for program in nbdkit qemu-nbd nbdkit; do
        sleep 1.2
        for pid in $(children_called $program); do
            kill -KILL "$pid"
        done
    done
    wait_expecting 0
    expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
    expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 2
    expect_nothing_left
    rm -r "$tmpdir/out"
done
