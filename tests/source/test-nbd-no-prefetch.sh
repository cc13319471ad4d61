#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD sources that refuse to prefetch: old-style servers, and such as insist
# on whole blocks of 64 KiB.
. ./functions.sh

requires_plugin nbd
requires_filter blocksize-policy
make_disk "$tmpdir/disk" 5M
mkdir "$tmpdir/out"

# copy NAME ARGUMENT...: from nbdkit with these arguments
copy ()
{
    start_server "$1" nbdkit -f -r --unix "$tmpdir/$1.sock" "${@:2}"
    wait_for test -S "$tmpdir/$1.sock"
    run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
        -on "$1" --readahead auto "nbd+unix:///?socket=$tmpdir/$1.sock"
    expect_same "$tmpdir/disk" "$tmpdir/out/$1-sda"
}

copy old --oldstyle file "$tmpdir/disk"
copy blocks --filter=blocksize-policy file "$tmpdir/disk" \
    blocksize-minimum=64k blocksize-preferred=64k \
    blocksize-error-policy=error
expect_nothing_left
