#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The copy beside a conversion fails: the run goes on, and what is missing is
# copied afterwards.  It leaves the conversion its connection.
. ./functions.sh
. "$abs_srcdir/ahead.sh"

requires_plugin file
requires_filter error
requires_filter rate
make_ahead disk
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest --verify)

# It has an nbdkit of its own, which is killed.
start_nbdkit source --readonly file "$tmpdir/disk"
source=$nbdkit_uri
kill_nbdkit='while [ ! -e '"'$tmpdir/out/guest.part/journal'"' ]; do
                 sleep 0.1
             done
             kill -KILL $(cat ${V2V_SOCKET_0%/*}/copy0.pid)
             sleep 0.5'
run_expecting 0 "${copy[@]}" --resume --bandwidth 150M \
    --convert "$kill_nbdkit; $(conversion_of disk)" "$nbdkit_uri"
expect_stderr 'nbdkit was killed by signal 9.*; the copy continues after the'
expect_same "$tmpdir/want-disk" "$tmpdir/out/guest-sda"
expect_nothing_left
# What was stored is not copied again.
expect test "$(count_result bytes_read)" -lt 220000000

# The source cannot be read for a while, beyond all retries.
start_nbdkit broken --readonly --filter error file "$tmpdir/disk" \
    error-pread=EIO error-pread-rate=100% error-file="$tmpdir/break"
fail_for_a_while="sleep 0.5; touch '$tmpdir/break'
    while ! grep -q 'continues after the conversion' '$err'; do
        sleep 0.1
    done"
run_expecting 0 "${copy[@]}" --retries 0 --bandwidth 150M \
    --convert "$fail_for_a_while; rm '$tmpdir/break'; $(conversion_of disk)" \
    "$nbdkit_uri"
expect_stderr 'cannot read.*; the copy continues after the conversion'
expect_same "$tmpdir/want-disk" "$tmpdir/out/guest-sda"
expect_nothing_left
# Only then the failure is the run's.
run_expecting 6:read:true v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
    -on other --retries 0 --bandwidth 150M --convert "$fail_for_a_while" \
    "$nbdkit_uri"
rm "$tmpdir/break"
rm -rf "$tmpdir/out"/*
expect_nothing_left

# A server with few clients: those that the conversion needs are there before
# the copy's.
for n in 2 3 4; do
    start_server few$n qemu-nbd --persistent --shared=$n --read-only -f raw \
        --socket="$tmpdir/few$n.sock" "$tmpdir/disk"
    wait_for test -S "$tmpdir/few$n.sock"
    run_expecting 0 "${copy[@]}" --convert "$(conversion_of disk)" \
        "nbd+unix:///?socket=$tmpdir/few$n.sock"
    expect_same "$tmpdir/want-disk" "$tmpdir/out/guest-sda"
    expect_nothing_left
done
