#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD targets that end when their first client leaves (qemu-nbd without
# --persistent): one connection finds out whether the target is fit, waits for
# the conversion, and writes.  If it broke meanwhile, there is another one.
. ./functions.sh

requires_plugin file
requires_filter exitlast
disk=$tmpdir/disk target=$tmpdir/target
make_disk "$disk" 8M

# serve NAME COMMAND...: it writes to $target, on the socket $tmpdir/NAME.
serve ()
{
    rm -f "$target"
    truncate -s 8M "$target"
    start_server "$@"
    wait_for test -S "$tmpdir/$1"
    uri="nbd+unix:///?socket=$tmpdir/$1"
}

# copy [OPTION...]
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$uri" "$@" \
        "$disk"
    wait_for not is_running "$server_pid"
    expect_same "$disk" "$target"
    expect_nothing_left
}

serve qemu qemu-nbd --format=raw --socket="$tmpdir/qemu" "$target"
copy
serve converted qemu-nbd --format=raw --socket="$tmpdir/converted" "$target"
copy --convert 'sleep 0.2'
serve nbdkit nbdkit -f --filter=exitlast --unix "$tmpdir/nbdkit" file "$target"
copy

# The connection does not survive the conversion; another server is there.
serve again nbdkit -f --unix "$tmpdir/again" file "$target"
run_in_background v2v-nbdkit-launch -if raw -o nbd -oo uri="$uri" \
    --convert "touch '$tmpdir/converting'
               while [ ! -e '$tmpdir/go' ]; do sleep 0.05; done" "$disk"
wait_for test -e "$tmpdir/converting"
stop_pid "$server_pid"
rm -f "$tmpdir/again"
serve again nbdkit -f --unix "$tmpdir/again" file "$target"
touch "$tmpdir/go"
wait_expecting 0
expect_same "$disk" "$target"

# Nobody is left to be read back from.
serve verified qemu-nbd --format=raw --socket="$tmpdir/verified" "$target"
run_expecting 6:unreachable:false:true v2v-nbdkit-launch -if raw -o nbd \
    -oo uri="$uri" --verify --retries 0 "$disk"
expect_hint 'ends with its first client'

# --check leaves, and so ends it.
serve check qemu-nbd --format=raw --socket="$tmpdir/check" "$target"
run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$uri" --check \
    "$disk"
expect_nothing_left
