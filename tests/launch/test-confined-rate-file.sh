#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A confined nbdkit follows --bandwidth-file also when the file is made later,
# or replaced by another one.
. ./functions.sh

requires_filter rate
requires_program qemu-io
requires_landlock
make_disk "$tmpdir/src" 8M
mkdir "$tmpdir/limits"

cat >"$tmpdir/look" <<'SH'
qemu-io -r -f raw -c 'read 0 64k' "$uri" || exit
for rate in 17M 18M; do
    echo $rate >"$1/new"
    mv "$1/new" "$1/rate"
    qemu-io -r -f raw -c 'read 0 64k' "$uri" || exit
done
SH
run_expecting 0 v2v-nbdkit-launch -v "$tmpdir/src" --log "$tmpdir/log" \
    --bandwidth-file "$tmpdir/limits/rate" \
    --run "sh '$tmpdir/look' '$tmpdir/limits'"
expect_stderr 'warning: --bandwidth-file: .*/rate has no limit in it'
expect grep 'rate adjusted from 0 to 17825792' "$tmpdir/log"
expect grep 'rate adjusted from 17825792 to 18874368' "$tmpdir/log"
echo carrot >"$tmpdir/limits/rate"
run_expecting 0 v2v-nbdkit-launch --check "$tmpdir/src" \
    --bandwidth-file "$tmpdir/limits/rate"
expect_stdout '^warning .*/rate has no limit in it'
run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/src" \
    --bandwidth-file "$tmpdir/limits/rate"
expect_stderr 'warning: .*/rate has no limit in it'
for rate in 1G 1000000000; do
    echo $rate >"$tmpdir/limits/rate"
    run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/src" \
        --bandwidth-file "$tmpdir/limits/rate"
    expect_no_stderr warning
done
expect_nothing_left
