#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A log that nobody reads, or slowly, holds nothing up.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkfifo "$tmpdir/fifo"
# More than any pipe holds, and more than is kept.
cat >"$tmpdir/lots" <<'END'
i=0
while [ $i -lt 40000 ]; do
    echo "$i: so that the line has about sixty characters in it"
    i=$((i + 1))
done
END
lots="sh '$tmpdir/lots'"
run_expecting 0 v2v-nbdkit-launch --log "$tmpdir/fifo" -o null \
    --convert "$lots" "$tmpdir/disk"
expect test "$(tail -n 1 "$out")" \
    = '39999: so that the line has about sixty characters in it'

cat "$tmpdir/fifo" >"$tmpdir/copy" &
reader=$!
run_expecting 0 v2v-nbdkit-launch --log "$tmpdir/fifo" -o null \
    --convert 'echo said' "$tmpdir/disk"
wait $reader
expect grep -q 'convert: said' "$tmpdir/copy"
expect grep -q 'Finished' "$tmpdir/copy"

# What is missing is told.
{ until [ -e "$tmpdir/flooded" ]; do sleep 0.05; done; cat; } \
    <"$tmpdir/fifo" >"$tmpdir/copy" &
reader=$!
run_expecting 0 v2v-nbdkit-launch --log "$tmpdir/fifo" -o null \
    --convert "$lots; touch '$tmpdir/flooded'; sleep 1" "$tmpdir/disk"
wait $reader
expect grep -Eq '^\([0-9]+ lines were left out' "$tmpdir/copy"
expect grep -q 'Finished' "$tmpdir/copy"
expect_not grep -Evq '^(\[|\()' "$tmpdir/copy"
