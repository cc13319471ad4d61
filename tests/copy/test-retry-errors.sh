#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Reads that fail at 1 %, 10 %, and for a while everywhere are tried again;
# the first error and the number are in the result.
. ./functions.sh

requires_plugin file
requires_filter error
make_disk "$tmpdir/disk" 64M
for rate in 1% 10%; do
    start_nbdkit error${rate%?} --filter error file "$tmpdir/disk" \
        error-pread-rate=$rate
    mkdir "$tmpdir/out"
    run_expecting 0 v2v-nbdkit-launch -v -o disk -os "$tmpdir/out" -on guest \
        --request-size 64k --retries 20 --result-file "$tmpdir/result" \
        "$nbdkit_uri"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    expect_nothing_left
    rm -r "$tmpdir/out"
done
# The first read of a second client may have failed: nbdkit tries again then.
if ! grep -q 'takes one client' "$err"; then
    expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -gt 0
    expect test "$(jq '.disks[0].first_error' "$tmpdir/result")" != null
fi

# One that refuses large requests: the parts of one go where it went.
requires_plugin eval
make_disk "$tmpdir/small" 4M
start_nbdkit large eval thread_model='echo parallel' \
    get_size="stat -c %s '$tmpdir/small'" \
    pread="[ \$3 -le 65536 ] || { echo EPERM too large >&2; exit 1; }
           dd if='$tmpdir/small' iflag=skip_bytes,count_bytes,fullblock \
           bs=1M skip=\$4 count=\$3 status=none"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --request-size 1M "$nbdkit_uri"
expect_same "$tmpdir/small" "$tmpdir/out/guest-sda"
expect_nothing_left

# --retries N are N attempts more, and the last one counts.
start_nbdkit once eval thread_model='echo parallel' \
    get_size="stat -c %s '$tmpdir/small'" \
    pread="if [ \$4 -ge 2000000 ] && mkdir '$tmpdir/failed' 2>/dev/null
           then echo EIO no luck >&2; exit 1; fi
           dd if='$tmpdir/small' iflag=skip_bytes,count_bytes,fullblock \
           bs=1M skip=\$4 count=\$3 status=none"
run_expecting 0 v2v-nbdkit-launch -o null --retries 1 "$nbdkit_uri"
expect test -d "$tmpdir/failed"
expect_nothing_left
