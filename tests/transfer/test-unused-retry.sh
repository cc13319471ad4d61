#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --skip-unused: when the file systems cannot be read for a moment, or the
# server dies meanwhile, they are read again; a server that dies later does not
# change what is left out.
. ./functions.sh
. "$abs_srcdir/deleted-data.sh"

requires_plugin file
requires_plugin eval
requires_filter rate
make_lived_in "$tmpdir/disk" 64
free_runs "$tmpdir/disk" >"$tmpdir/runs"
free=$(count_runs <"$tmpdir/runs")
cp "$tmpdir/disk" "$tmpdir/want"
zero_runs "$tmpdir/want" <"$tmpdir/runs"
# From the conversion on, where "fail" or "hang" is made, only the file systems
# are read in the midst of the disk, and then the copy.
start_nbdkit_tcp eval get_size="stat -c %s '$tmpdir/disk'" \
    pread="
        if [ \$4 -ge 65536 ] && [ \$4 -lt 33554432 ]; then
            if mv '$tmpdir/fail' '$tmpdir/failed' 2>/dev/null; then
                echo 'EIO a moment of trouble' >&2
                exit 1
            fi
            if mv '$tmpdir/hang' '$tmpdir/hung' 2>/dev/null; then
                sleep 5
            fi
        fi
        dd if='$tmpdir/disk' iflag=skip_bytes,count_bytes,fullblock \\
            bs=64k skip=\$4 count=\$3 status=none"
source=nbd://127.0.0.1:$nbd_port
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch --skip-unused on -o disk \
    -os "$tmpdir/out" -on guest --convert "touch '$tmpdir/fail'" "$source"
expect test -e "$tmpdir/failed"
expect_stderr 'trying again'
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
rm -r "$tmpdir/out"

mkdir "$tmpdir/out"
run_in_background v2v-nbdkit-launch --skip-unused on -o disk \
    -os "$tmpdir/out" -on guest --result-file "$tmpdir/result" \
    --convert "touch '$tmpdir/hang'" "$source"
wait_for test -e "$tmpdir/hung"
for pid in $(children_called nbdkit); do
    kill -KILL "$pid"
done
wait_expecting 0
expect_stderr 'the copy continues'
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect test "$(jq '.disks[0].bytes_unused' "$tmpdir/result")" = "$free"
rm -r "$tmpdir/out"

# Later.
mkdir "$tmpdir/out"
run_in_background v2v-nbdkit-launch --skip-unused on -o disk --verify \
    -os "$tmpdir/out" -on guest --bandwidth 20M -v \
    --result-file "$tmpdir/result" "$tmpdir/disk"
wait_for test -e "$tmpdir/out/guest.part/sda"
sleep 0.5
for pid in $(children_called nbdkit); do
    kill -KILL "$pid"
done
wait_expecting 0
expect_same "$tmpdir/want" "$tmpdir/out/guest-sda"
expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 1
expect test "$(grep -c 'are free' "$err")" = 1
expect_nothing_left
