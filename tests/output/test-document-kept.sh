#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NAME.sh and NAME.yaml are replaced if this program wrote them, and never
# otherwise; a script can be run by those who can read it.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"

# kept MODE SUFFIX
kept ()
{
    local document=$tmpdir/out/disk$2 text

    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o "$1" \
        -os "$tmpdir/out"
    expect_same "$tmpdir/disk" "$tmpdir/out/disk-sda"
    expect grep -q "$tmpdir/out/disk-sda" "$document"
    # Our own.
    echo '# changed' >>"$document"
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o "$1" \
        -os "$tmpdir/out"
    expect_not grep -q changed "$document"
    # Finished only with what stands beside the disks.
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o "$1" \
        -os "$tmpdir/out" --resume
    expect_result '.changed == false'
    rm "$document"
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o "$1" \
        -os "$tmpdir/out" --resume
    expect test -s "$document"
    # Others'.
    for text in '#!/bin/sh' '# Written by somebody' "$(tail -n +3 \
                                                         "$document")"; do
        echo "$text" >"$document"
        remember "$document" "$tmpdir/out/disk-sda"
        run_expecting 2:usage:false v2v-nbdkit-launch "$tmpdir/disk" \
            -o "$1" -os "$tmpdir/out"
        expect_error 'has not written it'
        expect_untouched
    done
    rm "$document"
    run_expecting 2:usage:false v2v-nbdkit-launch "$tmpdir/disk" -o "$1" \
        -os "$tmpdir/out" --log "$document"
    expect_error 'is a file that this run writes'
    expect test ! -e "$document"
}

expect_result () { expect jq -e "$1" "$result_file"; }
kept qemu .sh
kept kubevirt .yaml
expect test ! -e "$tmpdir/out/disk.xml"

# modes MODE OF-SCRIPT
modes ()
{
    run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -o qemu \
        -os "$tmpdir/out" -oo mode="$1"
    expect test "$(stat -c %a "$tmpdir/out/disk-sda")" = "$1"
    expect test "$(stat -c %a "$tmpdir/out/disk.sh")" = "$2"
}
modes 600 700
modes 640 750
modes 644 755

# What virt-v2v does after the copy, the user does.
run_expecting 2:usage:false v2v-nbdkit-launch "$tmpdir/disk" -o qemu \
    -os "$tmpdir/out" -oo qemu-boot
expect_error "no option '-oo qemu-boot'"
expect_hint 'run DIR/NAME.sh'
expect_nothing_left
