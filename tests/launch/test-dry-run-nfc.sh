#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command lines for the nfc plugin, with virt-v2v's options and without.
. ./functions.sh

echo hush >"$tmpdir/password"
use_stand_in 1.32 readahead blocksize rate retry
run_expecting 0 v2v-nbdkit-launch --dry-run -i disk -it nfc \
    -ip "$tmpdir/password" -io nfc-server=esx.example.com \
    -io nfc-user=root -io nfc-moref=vm-42 '[ds 1] vm/vm.vmdk'
expect_lines "$abs_srcdir/data/dry-run-nfc-1.32.expected"

use_stand_in 1.48 readahead blocksize rate retry
run_expecting 0 v2v-nbdkit-launch --dry-run -i disk -it nfc \
    -ip "$tmpdir/password" -io nfc-server=esx.example.com \
    -io nfc-user=root -io nfc-moref=vm-42 -io nfc-thumbprint=12:34:56 \
    -io nfc-cookie=sesame-4711 -io nfc-nfchostport=903 -io nfc-port=8443 \
    -io nfc-snapshot=snapshot-7 -io nfc-file='[ds] other.vmdk' \
    -io nfc-insecure=true '[ds 1] vm/vm.vmdk'
expect_lines "$abs_srcdir/data/dry-run-nfc-1.48.expected"
expect_nowhere sesame-4711

# What the plugin needs, one after the other.
for option in server user moref; do
    run_expecting 2:usage:false v2v-nbdkit-launch --dry-run \
        "${nfc[@]}" -i disk -it nfc -ip "$tmpdir/password" '[ds] a.vmdk'
    expect_hint "-io nfc-$option="
    nfc+=(-io "nfc-$option=x")
done
run_expecting 2:usage:false v2v-nbdkit-launch --dry-run "${nfc[@]}" \
    -i disk -it nfc '[ds] a.vmdk'
expect_error '-it nfc needs the password'
expect_hint '-ip FILE'
