#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it nfc through libvirt, as with virt-v2v: the VM and its disk come from the
# XML, server and user from the URI, and ?no_verify=1 holds for the plugin.
. ./functions.sh

start_vmware_with_vddk
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -i libvirt -ic "$vmware_uri" \
    -ip "$tmpdir/password" -it nfc -o disk -os "$tmpdir/out" 'mail server'
expect_same "$tmpdir/datastores/ds 1/folder/vm/disk 1.vmdk" \
    "$tmpdir/out/mail server-sda"
expect_stderr "thumbprint $VDDK_STANDIN_THUMBPRINT"
expect test "$(reported server)" = 127.0.0.1
expect test "$(reported user)" = root
expect test "$(reported port)" = "$vmware_port"
expect test "$(reported file)" = '[ds 1] folder/vm/disk 1.vmdk'
[[ $vmware_uri = *no_verify=1* ]]
expect test "$(reported insecure)" = true

# The user's own option is obeyed.
run_expecting 0 v2v-nbdkit-launch -i libvirt -ic "$vmware_uri" \
    -ip "$tmpdir/password" -it nfc -io nfc-insecure=false -o null \
    'mail server'
expect test "$(reported insecure)" = false

# Other guests have no NFC.
run_expecting 2:usage:false v2v-nbdkit-launch -ic test:///default -it nfc \
    -o null test
expect_error "-it nfc can only be used with guests of VMware's servers"
expect_nothing_left
