#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk through libvirt: the VM and its disk come from the XML, server
# and user from the URI, the thumbprint from the server.
. ./functions.sh

start_vmware_with_vddk
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -it vddk -o disk -os "$tmpdir/out" 'mail server'
expect_same "$tmpdir/datastores/ds 1/folder/vm/disk 1.vmdk" \
    "$tmpdir/out/mail server-sda"
expect_stderr "thumbprint $VDDK_STANDIN_THUMBPRINT"
expect test "$(reported server)" = 127.0.0.1
expect test "$(reported user)" = root
expect test "$(reported port)" = "$vmware_port"
expect test "$(reported file)" = '[ds 1] folder/vm/disk 1.vmdk'
expect_nothing_left

# Another file for it, and one too many.
cp "$tmpdir/vmware/ds/vm/vm.vmdk" "$tmpdir/datastores/other.vmdk"
mkdir "$tmpdir/datastores/ds"
mv "$tmpdir/datastores/other.vmdk" "$tmpdir/datastores/ds/other.vmdk"
run_expecting 0 v2v-nbdkit-launch -ic "$vmware_uri" -ip "$tmpdir/password" \
    -it vddk -io vddk-file='[ds] other.vmdk' -o disk -os "$tmpdir/out" \
    -on other 'mail server'
expect_same "$tmpdir/datastores/ds/other.vmdk" "$tmpdir/out/other-sda"
run_expecting 2:usage:false v2v-nbdkit-launch -ic "$vmware_uri" \
    -ip "$tmpdir/password" \
    -it vddk -io vddk-file='[ds] a.vmdk' -io vddk-file='[ds] b.vmdk' \
    -o null 'mail server'
expect_error 'once for each disk'
