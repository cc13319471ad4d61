#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reader of JSON lines that goes away does not stop the run.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
mkfifo "$tmpdir/fifo"
head -n 1 "$tmpdir/fifo" >"$tmpdir/first" &
run_expecting 0 v2v-nbdkit-launch --machine-readable="file:$tmpdir/fifo" \
    --result-file "$tmpdir/result" -o disk -os "$tmpdir/out" -on guest \
    --convert 'sleep 1.5' "$tmpdir/disk"
expect grep -q '"start"' "$tmpdir/first"
expect cmp "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect grep -q '"status":"ok"' "$tmpdir/result"
