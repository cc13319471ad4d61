#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD sources that allow few clients, and let others wait (qemu-nbd -t allows
# one unless it is told otherwise) or refuse them, are copied, whichever of the
# tool's connections comes first; also where asking for extents and reading
# have to take turns, and after a conversion.
. ./functions.sh

requires_plugin nbd
requires_filter limit
requires_program perl qemu-io nbdcopy
mkdir "$tmpdir/out"
# 10,000 blocks with holes of 76 KiB between them: more than are listed ahead.
truncate -s 819200000 "$tmpdir/disk"
perl -e 'open (my $disk, "+<", $ARGV[0]) or die;
         for (my $i = 0; $i < 10000; $i++) {
           sysseek ($disk, $i * 81920, 0);
           syswrite ($disk, chr (65 + $i % 26) x 4096);
         }' "$tmpdir/disk"
make_disk "$tmpdir/small" 16M

# copy DISK [OPTION...]: from the server at $uri.
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
        -on guest "${@:2}" "$uri"
    expect qemu-img compare -q -f raw -F raw "$1" "$tmpdir/out/guest-sda"
    expect_nothing_left
}

# serve CLIENTS DISK
serve ()
{
    start_server "few-$1" qemu-nbd --persistent --shared="$1" --read-only \
        --format=raw --socket="$tmpdir/$1.sock" "$2"
    uri="nbd+unix:///?socket=$tmpdir/$1.sock"
    wait_for test -S "$tmpdir/$1.sock"
}

SECONDS=0
# Into memory: file systems take long to free so many extents.
start_nbdkit memory memory 819200000
memory=$nbdkit_uri
serve 1 "$tmpdir/disk"
run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$memory" \
    -oo zero=skip "$uri"
expect cmp "$tmpdir/disk" <(nbdcopy "$memory" -)
expect_nothing_left
stop_pid "$server_pid"
rm -f "$tmpdir/1.sock"
for clients in 1 2 3; do
    serve $clients "$tmpdir/small"
    copy "$tmpdir/small"
done
# It is not the stall timeout, 300 s, that finds it out.
expect_seconds 60
cp "$tmpdir/small" "$tmpdir/expected"
qemu-io -f raw -c 'write -P 7 1000448 512' "$tmpdir/expected" >/dev/null
serve 1 "$tmpdir/small"
copy "$tmpdir/expected" --convert \
    "qemu-io -f qcow2 -c 'write -P 7 1000448 512' \"\$V2V_OVERLAY_0\""
for clients in 1 2; do
    start_nbdkit "limit$clients" --filter limit file "$tmpdir/small" \
        limit=$clients
    uri=$nbdkit_uri
    copy "$tmpdir/small"
done
