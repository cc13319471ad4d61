#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An image that has lost its end is refused, whichever of its tables refers to
# that.  Where there are too many to read them from another host, it is said.
. ./functions.sh

requires_plugin file
requires_program qemu-img
requires_program qemu-io

# expect_cut MISSING: the image is whole, and without its last MISSING
# bytes it is refused.
expect_cut ()
{
    run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/image"
    expect_no_stderr 'checked'
    cp "$tmpdir/image" "$tmpdir/cut"
    truncate -s -"$1" "$tmpdir/cut"
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null "$tmpdir/cut"
    expect_error 'is incomplete: at least [0-9]* bytes are missing'
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check "$tmpdir/cut"
    expect_stdout '^error .* is incomplete'
}

# write_tables FORMAT DISTANCE N LENGTH: N tables, of which the first ones have
# the data that are written last.
write_tables ()
{
    local i distance=$2

    {
        for ((i = 0; i < $3; i++)); do
            echo "write -P 5 $((i * distance)) 512"
        done
        echo "write -P 6 4k $4"
        echo "write -P 7 $((distance + 4096)) $4"
    } | qemu-io -f "$1" "$tmpdir/image" >/dev/null
}

# The last cluster is known, and reads as zeroes.
qemu-img create -q -f qcow2 -o cluster_size=4k "$tmpdir/image" 8M
qemu-io -f qcow2 -c 'write -P 1 0 4k' -c 'write -P 2 2M 4k' \
    -c 'write -P 3 4k 1M' -c 'write -P 4 3M 4k' -c 'write -z 3M 4k' \
    "$tmpdir/image" >/dev/null
expect_cut 485440
# So does the last cluster without a subcluster of its own.
qemu-img create -q -f qcow2 -o extended_l2=on,cluster_size=16k \
    "$tmpdir/image" 32M
qemu-io -f qcow2 -c 'write -P 1 0 16k' -c 'write -P 2 16M 16k' \
    -c 'write -P 3 16k 1M' -c 'write -P 4 24M 16k' -c 'write -z 24M 16k' \
    "$tmpdir/image" >/dev/null
expect_cut 485440
# More tables than are read from other hosts.
qemu-img create -q -f qcow2 -o cluster_size=512 "$tmpdir/image" 64M
write_tables qcow2 32768 1200 16k
expect_cut 60
qemu-img create -q -f qed -o cluster_size=4k,table_size=2 "$tmpdir/image" 256M
write_tables qed 4194304 64 512k
expect_cut 300000
qemu-img create -q -f qcow "$tmpdir/image" 256M
write_tables qcow 2097152 64 512k
expect_cut 300000

# There, what was seen of them is all that is known.
start_nbdkit remote file "$tmpdir/image"
run_expecting 0 v2v-nbdkit-launch -o null "$nbdkit_uri"
expect_stderr 'warning: .*not all of which could be checked to be there'
run_expecting 0 v2v-nbdkit-launch --check "$nbdkit_uri"
expect_stdout '^warning .*not all of which could be checked'
qemu-img create -q -f qcow "$tmpdir/image" 16M
write_tables qcow 2097152 8 512k
start_nbdkit small file "$tmpdir/image"
run_expecting 0 v2v-nbdkit-launch -o null "$nbdkit_uri"
expect_no_stderr 'checked'
expect_nothing_left
