#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --check ends with the status of the run, and says what else is wrong.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
truncate -s 1M "$tmpdir/small"
run_expecting 4:not-found:false v2v-nbdkit-launch --check "$tmpdir/nowhere"
expect_stdout '^ok +nbdkit'
expect_stdout '^error +sda source: .*nowhere'
expect_error 'No such file'
run_expecting 8:space:false v2v-nbdkit-launch --check -o device \
    -oo path="$tmpdir/small" "$tmpdir/disk"
expect_stdout '^error +.*target: .*too small'
expect_stdout '^ok +sda read'
run_expecting 1:write:false v2v-nbdkit-launch --check \
    -os "$tmpdir/no-such-directory" "$tmpdir/disk"
expect_stdout '^error +.*target'
expect_stdout '^ok +sda read'
run_expecting 3:nbdkit-missing:false v2v-nbdkit-launch --check \
    --nbdkit "$tmpdir/no-nbdkit" "$tmpdir/disk"
expect_stdout '^error +nbdkit'
# Without qemu the rest is still looked at.
mkdir "$tmpdir/bin"
ln -s "$(type -P nbdkit)" "$tmpdir/bin"
for program in sh env timeout; do
    ln -s "$(type -P $program)" "$tmpdir/bin"
done
PATH=$tmpdir/bin run_expecting 3 v2v-nbdkit-launch --check "$tmpdir/disk"
expect_stdout '^error +qemu-img'
expect_stdout '^error +qemu-nbd'
expect_nothing_left
mkdir "$tmpdir/out"
PATH=$tmpdir/bin run_expecting 3 v2v-nbdkit-launch -os "$tmpdir/out" \
    "$tmpdir/disk"
expect_error 'qemu-img was not found'
expect_nothing_left
