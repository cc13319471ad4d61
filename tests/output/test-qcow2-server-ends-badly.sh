#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server that writes a qcow2 target whose space is allocated, of whichever
# disk, and is killed at its end, hangs there or fails: status 6, the target does
# not get its name, and --resume makes it whole.
. ./functions.sh

requires_plugin file
use_bad_qemu_nbd
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
for V2V_TEST_END in killed ended fails hangs; do
    export V2V_TEST_END
    for verify in '' --verify; do
        run_expecting 6 v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
            -of qcow2 -oa preallocated -on guest --stall-timeout 1 $verify "$tmpdir/disk"
        case $V2V_TEST_END in
            killed) expect_error 'qemu-nbd was killed by signal 9' ;;
            ended) expect_error 'qemu-nbd was killed by signal 15' ;;
            fails) expect_error 'qemu-nbd exited with status 1: .*be written' ;;
            hangs) expect_error 'qemu-nbd did not exit within 1 seconds' ;;
        esac
        expect test ! -e "$tmpdir/out/guest-sda"
        expect test ! -e "$tmpdir/out/guest.xml"
        PATH=$good_path run_expecting 0 v2v-nbdkit-launch -o disk \
            -os "$tmpdir/out" -of qcow2 -oa preallocated -on guest --resume "$tmpdir/disk"
        expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
        rm -r "$tmpdir/out"/*
        expect_nothing_left
    done
done

export V2V_TEST_END=second
run_expecting 6 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -of qcow2 -oa preallocated \
    -on guest "$tmpdir/disk" "$tmpdir/disk"
expect_error 'qemu-nbd exited with status 1: .*be written'
expect test ! -e "$tmpdir/out/guest.xml"
rm -r "$tmpdir/out"/*

# A large image may take long to be written to storage.
export V2V_TEST_END=slow
run_expecting 0 v2v-nbdkit-launch -v -o disk -os "$tmpdir/out" -of qcow2 -oa preallocated \
    -on guest "$tmpdir/disk"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
expect_stderr 'waiting for qemu-nbd \(PID [0-9]*\) to end'
