#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Without descriptors to spare it fails, and leaves nothing.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
requires_program prlimit
command=("${tool[@]::3}" prlimit)
for limit in 4 6 8 10 12 14 16 20 24; do
    run_expecting '0|1|3|4|6' "${command[@]}" --nofile=$limit \
        ${VG-} "$tool_program" -o null \
        "$tmpdir/disk"
    grep -q '^v2v-nbdkit-launch: error: ' "$err" ||
        grep -q 'error while loading shared libraries' "$err" ||
        grep -q Finished "$out" "$err" || fail "no word with $limit"
    expect_nothing_left
done
