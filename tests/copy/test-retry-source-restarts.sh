#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The server of an NBD source is killed, and its socket is gone for some
# seconds: the copy goes on, raw and through qemu.  If the server comes back
# with a disk of another size the source has changed.
. ./functions.sh

requires_plugin nbd
requires_filter rate
mkdir "$tmpdir/out"
truncate -s 64M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 67108864
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"

# serve FILE RATE
serve ()
{
    rm -f "$tmpdir/source.sock" "$tmpdir/source.pid"
    start_nbdkit source --filter rate file "$1" rate="$2"
}

has_data () { [ "$(stat -c %b "$tmpdir/out/guest.part/sda")" -gt 2000 ]; }

# restart_while_copying FORMAT FILE AFTERWARDS: start a copy of FILE, and kill
# the server; the next one serves AFTERWARDS.
restart_while_copying ()
{
    serve "$2" 120M
    run_in_background v2v-nbdkit-launch -if "$1" -o disk -os "$tmpdir/out" \
        -on guest --result-file "$tmpdir/result" "$nbdkit_uri"
    wait_for has_data
    kill -KILL "$nbdkit_pid"
    rm "$nbdkit_socket"
    sleep 3
    serve "$3" 2G
}

for format in raw qcow2; do
    image=$tmpdir/disk
    [ $format = raw ] || image+=.qcow2
    restart_while_copying $format "$image" "$image"
    wait_expecting 0
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    # Below qemu it is nbdkit that tries again.
    [ $format = qcow2 ] ||
        expect test "$(jq '.disks[0].retries' "$tmpdir/result")" -ge 1
    expect_nothing_left
    rm "$tmpdir/out/"*
done

truncate -s 65M "$tmpdir/other"
restart_while_copying raw "$tmpdir/disk" "$tmpdir/other"
wait_expecting 6
expect_error 'the size of the source changed'
expect test "$(jq -r .reason "$tmpdir/result")" = source-changed
