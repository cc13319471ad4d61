#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What an image's last writer has marked it with is a warning: corrupt, or not
# closed.
. ./functions.sh

requires_plugin file
requires_program qemu-img

# expect_warning FORMAT OFFSET BYTES REGEX
expect_warning ()
{
    local image=$tmpdir/disk.$1

    rm -f "$image"
    qemu-img create -q -f "$1" "$image" 1M
    run_expecting 0 v2v-nbdkit-launch -o null "$image"
    expect_no_stderr 'warning'
    # shellcheck disable=SC2059
    printf "$3" | dd of="$image" bs=1 seek="$2" conv=notrunc status=none
    run_expecting 0 v2v-nbdkit-launch -o null "$image"
    expect_stderr "warning: .*disk\.$1: .*, $4"
    run_expecting 0 v2v-nbdkit-launch --check "$image"
    expect_stderr "warning: .*disk\.$1: .*, $4"
}

expect_warning qcow2 79 '\2' 'marked as corrupt'
expect_warning qcow2 79 '\1' 'not closed cleanly'
[ -z "$(known_formats parallels)" ] ||
    expect_warning parallels 44 'Ynot' 'not closed cleanly'
expect_nothing_left
