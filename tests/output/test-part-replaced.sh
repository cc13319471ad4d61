#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Only the file that this run wrote gets the guest's name.
. ./functions.sh

requires_plugin file
requires_filter rate
mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 24M

for format in raw qcow2; do
    rm -f "$tmpdir/lines.json"
    echo old >"$tmpdir/out/guest-sda"
    echo old >"$tmpdir/out/guest-sdb"
    echo 4M >"$tmpdir/rate"
    run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        -of $format --bandwidth-file "$tmpdir/rate" \
        --machine-readable=file:"$tmpdir/lines.json" \
        "$tmpdir/disk" "$tmpdir/disk"
    # Told when it is open.
    wait_for grep -q '"type": *"disk".*guest-sdb' "$tmpdir/lines.json"
    # Its content is right, which must make no difference.
    cp "$tmpdir/disk" "$tmpdir/another"
    mv "$tmpdir/another" "$tmpdir/out/guest.part/sdb"
    echo 100G >"$tmpdir/rate"
    wait_expecting 6:target-changed:false
    expect_error 'guest.part/sdb is no longer the file'
    expect test "$(cat "$tmpdir/out/guest-sda")" = old
    expect test "$(cat "$tmpdir/out/guest-sdb")" = old
    expect test ! -e "$tmpdir/out/guest.xml"
    # It is not ours to be removed.
    expect cmp "$tmpdir/disk" "$tmpdir/out/guest.part/sdb"
    rm -r "$tmpdir"/out/*
    expect_nothing_left
done

# Nor is it removed by a run that keeps nothing.
rm -f "$tmpdir/lines.json"
echo 100k >"$tmpdir/rate"
run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --bandwidth-file "$tmpdir/rate" \
    --machine-readable=file:"$tmpdir/lines.json" "$tmpdir/disk"
wait_for grep -q '"type": *"disk".*guest-sda' "$tmpdir/lines.json"
cp "$tmpdir/disk" "$tmpdir/out/guest.part/sda.new"
mv "$tmpdir/out/guest.part/sda.new" "$tmpdir/out/guest.part/sda"
kill "$tool_pid"
wait_expecting 143:interrupted:true
expect cmp "$tmpdir/disk" "$tmpdir/out/guest.part/sda"
expect_nothing_left
