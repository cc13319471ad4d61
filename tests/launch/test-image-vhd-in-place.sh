#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place changes no VHD: not a fixed one either, whose footer it would take
# for a part of the disk; over NBD neither.
. ./functions.sh

requires_program qemu-img
mkdir "$tmpdir/state"
for subformat in fixed dynamic; do
    qemu-img create -q -f vpc -o subformat=$subformat,force_size=on \
        "$tmpdir/$subformat.vhd" 3M
done
remember "$tmpdir"/*.vhd
for subformat in fixed dynamic; do
    start_nbdkit $subformat file "$tmpdir/$subformat.vhd"
    for source in "$tmpdir/$subformat.vhd" "$nbdkit_uri"; do
        for format in '' '-if vpc' '-if vhd'; do
            # shellcheck disable=SC2086
            run_expecting '1:unsupported:false|4:unsupported:false' \
                v2v-nbdkit-launch --in-place \
                $format "$source" --convert 'echo converted >&2'
            expect_error 'vhd|VHD'
            expect_not grep -q vpc "$err"
            expect_nowhere converted
        done
    done
done
expect_untouched
