#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# No SOURCE, as when a script's list is empty, is wrong usage and never
# success, and so is an empty SOURCE.
. ./functions.sh

requires_program jq
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
for mode in disk libvirt libvirtxml nbdkit ova vmx; do
    run_expecting 2 v2v-nbdkit-launch -i $mode -os "$tmpdir/out"
    expect_error 'no SOURCE was given'
    expect_stderr '^hint: '
    run_expecting 2 v2v-nbdkit-launch -i $mode -os "$tmpdir/out" ''
    expect_error 'SOURCE number 1 is empty'
    expect_stderr '^hint: '
done
run_expecting 2 v2v-nbdkit-launch -o null "$tmpdir/disk" ''
expect_error 'SOURCE number 2 is empty'

# --machine-readable prints capabilities only alone.
for arguments in "-os $tmpdir/out" '-o null' --resume '--convert true' \
                 '-i libvirtxml' --verify --in-place \
                 "--result-file $tmpdir/result" "--log $tmpdir/log"; do
    # shellcheck disable=SC2086
    run_expecting 2 v2v-nbdkit-launch --machine-readable $arguments
    expect_no_stdout '^input:'
    expect test "$(tail -n 1 "$out" | jq -r .reason)" = usage
done
expect test "$(jq -r .reason "$tmpdir/result")" = usage
run_expecting 0 v2v-nbdkit-launch --machine-readable -q
expect_stdout '^input:disk$'
