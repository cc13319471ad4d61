#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The host's CA bundle is a link to a file that an administrator keeps
# elsewhere: a confined nbdkit reads that file.
. ./functions.sh

requires_root
requires_landlock
requires_program unshare
requires unshare -m true
requires test -d /etc/ssl/certs
unset CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
mkdir "$tmpdir/www" "$tmpdir/certs"
make_disk "$tmpdir/www/disk" 1M
start_nginx
cp "$tmpdir/tls/ca.crt" "$tmpdir/bundle"

# with_certs COMMAND...: run COMMAND where $tmpdir/certs is /etc/ssl/certs.
# shellcheck disable=SC2016
with_certs=(unshare -m bash -c
            'mount --bind "$0" /etc/ssl/certs && exec "$@"' "$tmpdir/certs")
ln -s "$tmpdir/bundle" "$tmpdir/certs/ca-certificates.crt"
"${with_certs[@]}" "${tool[@]}" -o null "$https_url/disk" --confine off \
    2>"$tmpdir/log" || skip "this curl has its CAs elsewhere"
run_expecting 0 "${with_certs[@]}" "${tool[@]}" -o null "$https_url/disk"
expect_nothing_left
