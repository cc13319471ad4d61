#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A server of the overlay that is killed at its end, that hangs there or that
# fails may not have written what the conversion wrote: status 5, and nothing
# is copied.
. ./functions.sh

requires_plugin file
requires_program qemu-io
use_bad_qemu_nbd
make_disk "$tmpdir/disk" 2M
make_disk "$tmpdir/first" 1M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
for V2V_TEST_END in killed fails hangs; do
    export V2V_TEST_END
    run_expecting 5 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        --stall-timeout 1 \
        --convert 'qemu-io -f raw -c "write -P 7 0 64k" "$V2V_OVERLAY_URI_1"' \
        "$tmpdir/first" "$tmpdir/disk"
    case $V2V_TEST_END in
        killed) expect_error 'qemu-nbd was killed by signal 9' ;;
        fails) expect_error 'qemu-nbd exited with status 1: .*not be written' ;;
        hangs) expect_error 'qemu-nbd did not exit within 1 seconds' ;;
    esac
    expect test -z "$(ls -A "$tmpdir/out")"
    run_expecting 5 v2v-nbdkit-launch --in-place --stall-timeout 1 \
        --convert 'qemu-io -f raw -c "write -P 7 0 64k" "$V2V_OVERLAY_URI_0"' \
        "$tmpdir/disk"
    expect_error 'qemu-nbd'
    expect_untouched
    expect_nothing_left
done
