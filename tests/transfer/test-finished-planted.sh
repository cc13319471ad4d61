#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The record of a finished run is used only if this user wrote it: not what a
# link leads to, not a file with another name elsewhere, not one that others
# can write to; and a FIFO holds nothing up.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
run=(v2v-nbdkit-launch --resume -os "$tmpdir/out" -on guest "$tmpdir/disk")
run_expecting 0 "${run[@]}"
run_expecting 0 "${run[@]}"
expect_no_stderr 'Copying|warning'
record=$(echo "$state_dir"/*.finished)
cp -p "$record" "$tmpdir/record"

for plant in 'ln -s $tmpdir/record' 'ln $tmpdir/record' 'mkfifo' \
             'install -m 0666 $tmpdir/record' \
             'install -o 12345 $tmpdir/record'; do
    [[ $plant != *12345* ]] || [ "$(id -u)" = 0 ] || continue
    rm -rf "$record" "$tmpdir/out/guest-sda"
    eval "$plant" '"$record"'
    run_expecting 0 "${run[@]}"
    expect_stderr 'warning: the record of a finished run is not used: '
    expect_stderr 'Copying'
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
done
