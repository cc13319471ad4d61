#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD sources that end when their last client leaves (qemu-nbd without
# --persistent), whether they take one client at a time or more; raw disks and
# images, converted and not.
. ./functions.sh

requires_plugin nbd
requires_filter exitlast
requires_program qemu-io
mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 8M
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/image"
cp "$tmpdir/disk" "$tmpdir/converted"
qemu-io -f raw -c 'write -P 7 1M 64k' "$tmpdir/converted" >/dev/null

# serve NAME COMMAND...: on the socket $tmpdir/NAME.sock
serve ()
{
    start_server "$@"
    wait_for test -S "$tmpdir/$1.sock"
    uri="nbd+unix:///?socket=$tmpdir/$1.sock"
}

# serve_qemu NAME ARGUMENT...
serve_qemu ()
{
    serve "$1" qemu-nbd --read-only --format=raw --socket="$tmpdir/$1.sock" "${@:2}"
}

# copy EXPECTED ARGUMENT...: from the server, which then has ended
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
        "${@:2}" "$uri"
    expect_same "$1" "$tmpdir/out/guest-sda"
    expect_nothing_left
    wait_for not is_running "$server_pid"
}

serve_qemu one "$tmpdir/disk"
copy "$tmpdir/disk" -if raw
serve_qemu image "$tmpdir/image"
copy "$tmpdir/disk"
serve_qemu two --shared=2 "$tmpdir/disk"
copy "$tmpdir/disk" -if raw
convert='qemu-io -f raw -c "write -P 7 1M 64k" "$V2V_OVERLAY_URI_0"'
serve_qemu one-converted "$tmpdir/disk"
copy "$tmpdir/converted" -if raw --convert "$convert"
serve_qemu two-converted --shared=2 "$tmpdir/disk"
copy "$tmpdir/converted" -if raw --convert "$convert"
serve exitlast nbdkit -f --filter=exitlast --unix "$tmpdir/exitlast.sock" file \
    "$tmpdir/disk"
copy "$tmpdir/disk" -if raw --convert :

# The server is there again when the only connection has broken.
serve_qemu again --persistent "$tmpdir/disk"
# Slow only from here on: what is read before counts, too.
echo 1G >"$tmpdir/rate"
run_in_background v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest --bandwidth-file "$tmpdir/rate" \
    --convert "echo 400k >'$tmpdir/rate'" "$uri"
wait_for is_copying
echo 1G >"$tmpdir/rate"
stop_pid "$server_pid"
rm -f "$tmpdir/again.sock"
serve_qemu again --persistent "$tmpdir/disk"
wait_expecting 0
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
