#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VHDXs with a log to replay, and with sectors of 4 KiB: what is wrong and what
# to do, also where the user names the format.
. ./functions.sh

requires_program qemu-img
requires_program qemu-io
cd "$tmpdir"
mkdir out
qemu-img create -q -f vhdx log.vhdx 64M
cp log.vhdx sectors.vhdx
# Killed while the log has something.
(qemu-io -f vhdx -c 'write -P 1 0 3M' -c abort log.vhdx || true)
cp log.vhdx replayed.vhdx
"$abs_srcdir/edit-vhd" log.vhdx log
"$abs_srcdir/edit-vhd" sectors.vhdx sector=4096

for format in '' '-if vhdx'; do
    # shellcheck disable=SC2086
    run_expecting 4:unsupported:false v2v-nbdkit-launch $format \
        "$tmpdir/log.vhdx" -o null
    expect_error 'log'
    expect_hint 'qemu-img check -r all'
    # shellcheck disable=SC2086
    run_expecting 4:unsupported:false v2v-nbdkit-launch $format \
        "$tmpdir/sectors.vhdx" -o null
    expect_error 'sectors of 4096 bytes'
done

# The log is done with, or the hint was followed.
run_expecting 0 v2v-nbdkit-launch "$tmpdir/replayed.vhdx" -os out -on 1
qemu-img check -q -r all log.vhdx
run_expecting 0 v2v-nbdkit-launch "$tmpdir/log.vhdx" -os out -on 2
expect_same_image vhdx log.vhdx raw out/2-sda
expect_nothing_left
