#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VM that runs on a snapshot's disk: its own flat file where there is one,
# else that of before the snapshot.
. ./functions.sh

make_vmx "$tmpdir/datastores/ds 1/folder/vm" disk-000003.vmdk
start_vmware
mkdir "$tmpdir/out"
dir="$tmpdir/datastores/ds 1/folder/vm"
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -o disk -os "$tmpdir/out" -on own 'mail server'
expect_same "$dir/disk-000003-flat.vmdk" "$tmpdir/out/own-sda"

mv "$dir/disk-000003-flat.vmdk" "$dir/disk-flat.vmdk"
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -o disk -os "$tmpdir/out" -on base 'mail server'
expect_same "$dir/disk-flat.vmdk" "$tmpdir/out/base-sda"
expect_nothing_left
