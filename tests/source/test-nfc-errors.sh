#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it nfc: status and reason of what the server and Go's libraries say.
. ./functions.sh

use_vddk
nfc_says ()
{
    local expected=$1 hint=$2

    VDDK_STANDIN_REFUSAL=$3 run_expecting "$expected" v2v-nbdkit-launch \
        "${nfc_options[@]}" -o null '[ds] vm/vm.vmdk'
    expect_hint "$hint"
}

nfc_says 4:auth:false '-ip FILE' \
    'ServerFaultCode: Cannot complete login due to an incorrect user name or password.'
nfc_says 4:tls:false nfc-insecure \
    'Post "https://vc/sdk": tls: failed to verify certificate: x509: certificate signed by unknown authority'
nfc_says 4:tls:false '-io nfc-thumbprint' 'thumbprint does not match'
nfc_says 4:snapshot:false nfc-snapshot 'snapshot-7 was not found'
nfc_says 4:unreachable:true 902 'dial tcp 10.0.0.1:902: i/o timeout'
nfc_says 4:unreachable:true '' \
    'dial tcp 10.0.0.1:902: connect: connection refused'

run_expecting 4:not-found:false v2v-nbdkit-launch "${nfc_options[@]}" \
    -o null '[ds] vm/none.vmdk'
run_expecting 2:usage:false v2v-nbdkit-launch "${nfc_options[@]}" \
    -io nfc-insecure=perhaps -o null '[ds] vm/vm.vmdk'
expect_error nfc-insecure

# Nobody packages the plugin.
unset V2V_NBDKIT
run_expecting 3:nbdkit-plugin:false v2v-nbdkit-launch "${nfc_options[@]}" \
    -o null '[ds] vm/vm.vmdk'
expect_hint 'nbdkit-nfc-plugin.so'
expect_hint '-it vddk'
expect_nothing_left
