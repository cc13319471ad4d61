#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a finished copy from an OVA that has to be unpacked: the disks
# are known by the OVA, not by the files that were unpacked for one run.
. ./functions.sh

requires_plugin file
requires_program jq gzip
make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/vm.ova"
gzip "$tmpdir/vm.ova"
mkdir "$tmpdir/out"
result=$tmpdir/result
copy=(v2v-nbdkit-launch --result-file "$result" --resume -i ova
      -os "$tmpdir/out" -on guest "$tmpdir/vm.ova.gz")
for expected in true false; do
    run_expecting 0 "${copy[@]}"
    expect test "$(jq .changed "$result")" = $expected
done
expect_same "$tmpdir/disk1" "$tmpdir/out/guest-sda"
touch "$tmpdir/vm.ova.gz"
run_expecting 4 "${copy[@]}"
expect_error 'file of sda changed'
expect test "$(jq -r .reason "$result")" = source-changed
expect_nothing_left
