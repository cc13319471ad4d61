#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bitmap of an nbds:// source is asked for as the disk itself is read: by
# the certificates that the URI names, and of no server that is not verified.
. ./functions.sh

requires_plugin file nbd
requires_program qemu-img qemu-io qemu-nbd
nbdkit --dump-config | grep -qx 'tls=yes' || skip "nbdkit has no TLS"
make_ca
tls=$tmpdir/tls server=$tmpdir/server
client="$tmpdir/client dir"
mkdir "$server" "$client"
cp "$tls/ca.crt" "$server/ca-cert.pem"
cp "$tls/tls.crt" "$server/server-cert.pem"
cp "$tls/tls.key" "$server/server-key.pem"
cp "$tls/tls.crt" "$client/client-cert.pem"
cp "$tls/tls.key" "$client/client-key.pem"
cp "$tls/ca.crt" "$client/ca-cert.pem"
make_disk "$tmpdir/raw" 4M
cp "$tmpdir/raw" "$tmpdir/copy"
qemu-img convert -f raw -O qcow2 "$tmpdir/raw" "$tmpdir/image"
qemu-img bitmap --add "$tmpdir/image" b
qemu-io -f qcow2 -c 'write -P 5 1M 64k' "$tmpdir/image" >/dev/null
qemu-img convert -f qcow2 -O raw "$tmpdir/image" "$tmpdir/raw"

launch_qemu_nbd ()
{
    start_server qemu qemu-nbd --persistent --shared=4 --read-only --tls-creds \
        tls --object "tls-creds-x509,id=tls,endpoint=server,dir=$server" \
        --bind=127.0.0.1 --port="$port" --format=qcow2 --bitmap=b \
        "$tmpdir/image"
}
start_on_port qemu launch_qemu_nbd

# bitmap STATUS PARAMETERS
bitmap ()
{
    run_expecting "$1" v2v-nbdkit-launch -o device -oo path="$tmpdir/copy" \
        --changed-extents nbd:qemu:dirty-bitmap:b "nbds://127.0.0.1:$port/$2"
    expect_nothing_left
}

remember "$tmpdir/copy"
bitmap 4:tls:false ''
expect_error 'certificate.*verif'
bitmap 4:tls:false "?tls-certificates=$tmpdir"
expect_error 'certificate.*verif'
expect_untouched

# copy PARAMETERS
copy ()
{
    write_random "$tmpdir/copy" 1048576 65536
    bitmap 0 "$1"
    expect_same "$tmpdir/raw" "$tmpdir/copy"
}

copy "?tls-certificates=$tmpdir/client%20dir"
# Another CA, that the user does not insist on.
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=other \
    -keyout "$tmpdir/other.key" -out "$client/ca-cert.pem" 2>/dev/null
copy "?tls-certificates=$tmpdir/client%20dir&tls-verify-peer=0"
