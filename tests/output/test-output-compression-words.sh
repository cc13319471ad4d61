#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -oo compression takes words that it knows, and what goes with it; an
# interrupted copy is resumed with the same one.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 200M "$tmpdir/disk"
write_random "$tmpdir/disk" 2000000 10000000
write_random "$tmpdir/disk" 150000000 10000000
remember "$tmpdir/disk"
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" -on guest)

run_expecting 2:usage:false "${copy[@]}" -of qcow2 -oo compression=zst \
    "$tmpdir/disk"
expect_error "-oo compression: 'zst' is none of zlib|zstd"
expect_hint 'did you mean .*-oo compression=zstd'
run_expecting 2:usage:false "${copy[@]}" -of qcow2 -oo compression= \
    "$tmpdir/disk"
expect_error "-oo compression: '' is none of"
run_expecting 2:usage:false "${copy[@]}" -of qcow2 -oo compression \
    "$tmpdir/disk"
expect_error "-oo compression: '' is none of"
run_expecting 2:usage:false "${copy[@]}" -oo compression=zstd "$tmpdir/disk"
expect_error '-oo compressed needs -of qcow2'
run_expecting 2:usage:false "${copy[@]}" -of qcow2 -oo compressed=false \
    -oo compression=zstd "$tmpdir/disk"
expect_error 'cannot be used together'
run_expecting 2:usage:false "${copy[@]}" -of qcow2 -oa preallocated \
    -oo compression=zstd "$tmpdir/disk"
expect_error 'cannot be used together'
expect test -z "$(ls "$tmpdir/out")"

run_in_background "${copy[@]}" -of qcow2 -oo compression=zlib --resume \
    --bandwidth 40M "$tmpdir/disk"
wait_for test -s "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait "$tool_pid" 2>/dev/null || true
tool_pid=
wait_for expect_nothing_left
run_expecting 4:source-changed:false "${copy[@]}" -of qcow2 \
    -oo compression=zstd --resume "$tmpdir/disk"
expect_error "cannot resume: .*compression=zlib.*compression=zstd"
run_expecting 0 "${copy[@]}" -of qcow2 -oo compression=zlib --resume \
    "$tmpdir/disk"
expect_same_image raw "$tmpdir/disk" qcow2 "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left
