#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# nbds:// sources and targets: the URI names a CA, client certificates, or a
# pre-shared key, by libnbd's names.  Whoever cannot be verified is refused,
# unless the user says that this need not be.
. ./functions.sh

requires_plugin nbd
requires_program psktool
nbdkit --dump-config | grep -qx 'tls=yes' || skip "nbdkit has no TLS"
make_ca
tls=$tmpdir/tls server=$tmpdir/server
mkdir "$server" "$tmpdir/ca dir" "$tmpdir/other" "$tmpdir/none" "$tmpdir/out"
cp "$tls/ca.crt" "$server/ca-cert.pem"
cp "$tls/tls.crt" "$server/server-cert.pem"
cp "$tls/tls.key" "$server/server-key.pem"
cp "$tls/ca.crt" "$tmpdir/ca dir/ca-cert.pem"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=other \
    -keyout "$tmpdir/other.key" -out "$tmpdir/other/ca-cert.pem" 2>/dev/null
psktool --username joe --pskfile "$tmpdir/joe.psk" >/dev/null 2>&1
make_disk "$tmpdir/disk" 4M
truncate -s 4M "$tmpdir/target"
start_nbdkit_tcp --tls=require --tls-certificates="$server" file \
    "$tmpdir/disk"
from=127.0.0.1:$nbd_port
start_nbdkit_tcp --tls=require --tls-certificates="$server" file \
    "$tmpdir/target"
to=127.0.0.1:$nbd_port
start_nbdkit_tcp --tls=require --tls-psk="$tmpdir/joe.psk" file \
    "$tmpdir/disk"
from_psk=127.0.0.1:$nbd_port
start_nbdkit_tcp --tls=require --tls-psk="$tmpdir/joe.psk" file \
    "$tmpdir/target"
to_psk=127.0.0.1:$nbd_port

# copy FROM TO
copy ()
{
    write_zeroes "$tmpdir/target" 0 4194304
    run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$2" --verify \
        "$1"
    expect_same "$tmpdir/disk" "$tmpdir/target"
    expect_nothing_left
}

ca="tls-certificates=$tmpdir/ca%20dir"
copy "nbds://$from/?$ca" "nbds://$to/?$ca&tls-verify-peer=true"
copy "nbds://$from?tls-verify-peer=0" "nbds://$to/?tls-verify-peer=false"
psk="tls-psk-file=$tmpdir/joe.psk"
copy "nbds://joe@$from_psk/?$psk" "nbds://$to_psk/?tls-username=joe;$psk"

# Client certificates.
cp "$tls/ca.crt" "$tls/tls.crt" "$tls/tls.key" "$tmpdir/none/"
mkdir "$tmpdir/client"
cp "$tls/ca.crt" "$tmpdir/client/ca-cert.pem"
cp "$tls/tls.crt" "$tmpdir/client/client-cert.pem"
cp "$tls/tls.key" "$tmpdir/client/client-key.pem"
start_nbdkit_tcp --tls=require --tls-verify-peer \
    --tls-certificates="$server" file "$tmpdir/disk"
copy "nbds://127.0.0.1:$nbd_port/?tls-certificates=$tmpdir/client" \
    "nbds://$to/?$ca"

# refused STATUS:REASON:RETRYABLE PARAMETERS ERROR: as source and as target
refused ()
{
    run_expecting "4:$1" v2v-nbdkit-launch -if raw -o null "nbds://$from/$2"
    expect_error "$3"
    run_expecting "1:$1" v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="nbds://$to/$2" "$tmpdir/disk"
    expect_error "$3"
    run_expecting "1:$1" v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="nbds://$to/$2" --check "$tmpdir/disk"
    expect_nothing_left
}
write_zeroes "$tmpdir/target" 0 4194304
refused tls:false '' 'certificate.*verif'
refused tls:false '?tls-verify-peer=1' 'certificate.*verif'
refused tls:false "?tls-certificates=$tmpdir/none" 'certificate.*verif'
refused tls:false "?tls-certificates=$tmpdir/nowhere" 'No such file'
refused tls:false "?tls-certificates=$tmpdir/other" 'certificate'
expect cmp -n 4194304 "$tmpdir/target" /dev/zero

# The URI is wrong.
for uri in "nbd://$from/?$ca" "nbds://$from/?tls-verify-peer=maybe"; do
    run_expecting 2:usage:false v2v-nbdkit-launch -if raw -o null "$uri"
    expect_error 'tls-'
    run_expecting 2:usage:false v2v-nbdkit-launch -if raw -o nbd \
        -oo uri="$uri" "$tmpdir/disk"
    expect_error 'tls-'
done
run_expecting 4:auth:false v2v-nbdkit-launch -if raw -o null \
    "nbds://bob@$from_psk/?$psk"
expect_nothing_left
