#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An option whose value was forgotten does not overwrite the disk that is taken
# for its value; older reports and logs are overwritten.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
cp "$tmpdir/disk" "$tmpdir/precious"

# keeps OPTION...: the value of the last option was meant as SOURCE.
keeps ()
{
    run_expecting '0|2' v2v-nbdkit-launch "$@" -o null
    expect cmp "$tmpdir/disk" "$tmpdir/precious"
    run_expecting 2 v2v-nbdkit-launch "$@" "$tmpdir/disk" -o null
    expect_error 'precious is a disk or describes a guest'
    expect cmp "$tmpdir/disk" "$tmpdir/precious"
}

keeps --result-file "$tmpdir/precious"
keeps --log "$tmpdir/precious"
keeps --result-file "$tmpdir/result" --log "$tmpdir/precious"
keeps --report "$tmpdir/precious"
keeps --machine-readable=file:"$tmpdir/precious"

echo '<domain/>' >"$tmpdir/guest.xml"
run_expecting 2 v2v-nbdkit-launch --log "$tmpdir/guest.xml" -o null \
    "$tmpdir/disk"
expect grep -q domain "$tmpdir/guest.xml"

echo old >"$tmpdir/log"
for i in 1 2; do
    run_expecting 0 v2v-nbdkit-launch --result-file "$tmpdir/result" \
        --log "$tmpdir/log" --report "$tmpdir/page" \
        --machine-readable=file:"$tmpdir/lines" -o null "$tmpdir/disk"
done
expect test "$(grep -c '"type":"start"' "$tmpdir/lines")" = 1
