#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What would have no meaning for a qcow2 image on a device is refused; and
# -of qcow2 where no image can be.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
truncate -s 4M "$tmpdir/target"
remember "$tmpdir/target"
device=(v2v-nbdkit-launch -o device -oo path="$tmpdir/target" "$tmpdir/disk")
for zero in auto write discard skip; do
    run_expecting 2:usage:false "${device[@]}" -of qcow2 -oo zero=$zero
    expect_error 'zero cannot be used with -of qcow2'
done
run_expecting 2:usage:false "${device[@]}" -of qcow2 -oa preallocated
expect_error 'preallocated is for new files, which -o device does not make'
run_expecting 2:usage:false "${device[@]}" -of qcow2 -oo compressed
expect_error "no option '-oo compressed'"
for output in '-o nbd -oo uri=nbd://127.0.0.1:1' '-o null'; do
    # shellcheck disable=SC2086
    run_expecting 2:usage:false v2v-nbdkit-launch $output -of qcow2 \
        "$tmpdir/disk"
    expect_error 'of qcow2 cannot be used with -o (nbd|null)'
done
expect_untouched
expect_nothing_left
