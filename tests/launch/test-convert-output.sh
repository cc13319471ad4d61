#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# COMMAND's output goes through, byte by byte, at once.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
remember "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -q -o null \
    --convert 'printf "no newline"; printf "e%%s\n" >&2' "$tmpdir/disk"
printf 'no newline' >"$tmpdir/stdout.expected"
expect_same "$tmpdir/stdout.expected" "$out"
printf 'e%%s\n' >"$tmpdir/stderr.expected"
expect_same "$tmpdir/stderr.expected" "$err"
expect_untouched
expect_nothing_left
