#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a finished copy from an SSH server, which does not tell when a
# file was changed: some blocks of it are read again.  The target is qcow2.
. ./functions.sh

start_sshd
requires_program jq
truncate -s 16M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 1048576
mkdir "$tmpdir/out"
result=$tmpdir/result
copy=(v2v-nbdkit-launch --result-file "$result" --resume -os "$tmpdir/out"
      -on guest -of qcow2 "${ssh_options[@]}"
      "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/disk")
for expected in true false; do
    run_expecting 0 "${copy[@]}"
    expect test "$(jq .changed "$result")" = $expected
done
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
write_random "$tmpdir/disk" 100 8
run_expecting 4 "${copy[@]}"
expect_error 'content of disk sda has changed'
expect test "$(jq -r .reason "$result")" = source-changed
expect_nothing_left
