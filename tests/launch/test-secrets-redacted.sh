#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An nbdkit that prints each secret that it was given, several times in a line,
# in pieces, as part of a URL and as a login of HTTP: none of it is told, on
# stderr, in the log, as JSON, in the report or in the result.
. ./functions.sh

requires_plugin curl
requires_plugin ssh
requires_program base64
secret='o"pen/3e91+sesame 7%'
encoded='o%22pen%2F3e91%2Bsesame%207%25'
cookie=session=7d1c/c00kie
header='X-Key: hdr+4711'
mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" 1M
start_nginx
export V2V_NBDKIT=$stand_ins/nbdkit-tells-secrets
echo "$secret" >"$tmpdir/password"

# kept USER SECRET... -- ARGUMENT...: of a run with these arguments.  USER is
# - where the secrets are no passwords.
kept ()
{
    local user=$1 secrets=() form

    shift
    while [ "$1" != -- ]; do
        secrets+=("$1")
        shift
    done
    shift
    V2V_STANDIN_SECRETS=$(printf -- "$user %s\n" "${secrets[@]}")
    export V2V_STANDIN_SECRETS
    run_expecting 4 v2v-nbdkit-launch -v -x -o null \
        --log "$tmpdir/run.log" --report "$tmpdir/page.html" \
        --machine-readable="file:$tmpdir/lines.json" "$@"
    # The lines arrived.
    expect grep -q 'in pieces: .*\*' "$tmpdir/run.log"
    expect grep -q 'and again' "$tmpdir/run.log"
    expect grep -q 'in pieces: ' "$err"
    for form in "${secrets[@]}"; do
        expect_nowhere "$form"
        # JSON escapes it.
        expect_nowhere "${form//\"/\\\"}"
        [ "$user" = - ] ||
            expect_nowhere "$(printf %s "$user:$form" | base64 -w0)"
    done
    expect_nowhere "$encoded"
    expect_nowhere "$(sed 's/%../\L&/g' <<<"$encoded")"
    expect_nothing_left
}

kept guest "$secret" -- -ip "$tmpdir/password" -io curl-user=guest \
    "$http_url/disk"
kept guest "$secret" -- "${http_url/:\/\//://guest:$encoded@}/disk"
kept - "$cookie" -- -io curl-cookie="$cookie" "$http_url/disk"
kept - "$header" 'second: s3c0nd' -- -io curl-header="$header" \
    -io curl-header='second: s3c0nd' "$http_url/disk"
kept root "$secret" -- -ip "$tmpdir/password" ssh://root@127.0.0.1:1/disk
kept root "$secret" -- -ip "$tmpdir/password" -i vmx -it ssh \
    ssh://root@127.0.0.1:1/vm.vmx

use_vddk
export V2V_NBDKIT=$stand_ins/nbdkit-tells-secrets
echo "$secret" >"$tmpdir/password"
V2V_STANDIN_NBDKIT=$stand_ins/nbdkit-with-vddk \
    kept root "$secret" -- "${vddk_options[@]}" '[ds] vm/vm.vmdk'

start_vmware
printf '%s\n' "$vmware_password" >"$tmpdir/password"
encoded=open%223e91%5Csesame
kept root "$vmware_password" -- -ip "$tmpdir/password" -ic "$vmware_uri" \
    'mail server'
