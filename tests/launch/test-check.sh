#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check looks at everything and leaves nothing, neither here nor at the
# target.
. ./functions.sh

requires_plugin file
requires_program jq
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
truncate -s 4M "$tmpdir/target"
remember "$tmpdir/disk" "$tmpdir/target"
run_expecting 0 v2v-nbdkit-launch --check -os "$tmpdir/out" "$tmpdir/disk"
for item in nbdkit selinux qemu-img qemu-nbd 'sda plugin' \
            'sda source' 'sda size: 4 MiB .4194304 bytes.' 'sda read' \
            'sda extents' 'sda connections' 'sda target' \
            overlay-space target-space; do
    expect_stdout "^ok +$item"
done
expect_no_stdout '^error'
expect test -z "$(ls -A "$tmpdir/out")"
run_expecting 0 v2v-nbdkit-launch --check --machine-readable -o device \
    -oo path="$tmpdir/target" "$tmpdir/disk"
expect test "$(jq -r 'select (.type == "check" and .item == "size") |
    .status + " " + (.disk|tostring)' "$out")" = 'ok 0'
expect test "$(tail -n 1 "$out" | jq -r .status)" = ok
expect_untouched
expect_nothing_left
