#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is wrong with a server's certificate is said, and what to do about that;
# to take any certificate is the last resort.
. ./functions.sh

mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
make_ca
cd "$tmpdir/tls"
cat >ca.conf <<'END'
[ca]
default_ca = test
[test]
database = ./index
new_certs_dir = .
serial = ./serial
certificate = ./ca.crt
private_key = ./ca.key
default_md = sha256
default_days = 30
policy = any
unique_subject = no
[any]
commonName = supplied
END
: >index
echo 1000 >serial
names='subjectAltName=DNS:localhost,IP:127.0.0.1'

# again NAMES OPTION...: the server has another certificate.
again ()
{
    printf '%s\n' "$1" >ext
    openssl ca -batch -config ca.conf -in tls.csr -out tls.crt -notext \
        -extfile ext "${@:2}" 2>>log
    start_nginx
}

# refused ERROR HINT: so is the certificate.
refused ()
{
    run_expecting 4:tls:false v2v-nbdkit-launch -o null \
        -io curl-cainfo="$tmpdir/tls/ca.crt" "$https_url/disk"
    expect_error "$1"
    expect_hint "$2.* or trust any certificate with -io curl-sslverify=false$"
}

again "$names" -startdate 20200101000000Z -enddate 20210102000000Z
refused 'certificate expired on 2021-01-02' 'have the certificate renewed;'
again "$names" -startdate 20980203000000Z -enddate 20990101000000Z
refused 'certificate is not valid before 2098-02-03' \
    'is the clock of this host right'
again 'subjectAltName=DNS:other.example.com'
refused 'subject name' 'use a name of the server that is in its certificate;'

# A foreign one.
again "$names"
run_expecting 4:tls:false v2v-nbdkit-launch -o null "$https_url/disk"
expect_error 'no authority that this host trusts'
expect_hint 'CA certificate with -io curl-cainfo=FILE; or trust any'
run_expecting 0 v2v-nbdkit-launch -o null \
    -io curl-cainfo="$tmpdir/tls/ca.crt" "$https_url/disk"
expect_nothing_left
