#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A source that has changed since the copy was interrupted, or a damaged
# journal, is an error that says so, and nothing is written.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest)
run_in_background "${copy[@]}" --bandwidth 150M "$tmpdir/disk"
wait_for test -e "$tmpdir/out/guest.part/sda"
# While the first one runs, a second one is refused.
run_expecting 1:target-busy:true "${copy[@]}" --resume "$tmpdir/disk"
expect_error 'another run'
wait_for test -e "$tmpdir/out/guest.part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left

# refused EXPECTED: a run that resumes writes to nothing.
refused ()
{
    remember "$tmpdir/out/guest.part/sda" "$tmpdir/out/guest.part/journal"
    run_expecting "$1" "${copy[@]}" --resume --result-file "$tmpdir/result" \
        "$tmpdir/disk"
    expect_untouched
}

touch -d '1 hour ago' "$tmpdir/disk"
refused 4:source-changed:false
expect_error 'the file of sda changed from .* to'
expect test "$(jq -r .reason "$tmpdir/result")" = source-changed

printf X | dd of="$tmpdir/out/guest.part/journal" bs=1 seek=200 conv=notrunc \
    status=none
refused 1:internal:false
expect_error 'journal .* is damaged'
truncate -s 50 "$tmpdir/out/guest.part/journal"
refused 1:internal:false
expect_error 'journal .* is damaged'

# Without the journal there is nothing to resume: everything is copied.
rm "$tmpdir/out/guest.part/journal"
run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
