#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Over ssh a snapshot's disk is refused, and one that only has such a name
# is not.
. ./functions.sh

start_sshd
make_vmx "$tmpdir/vm" disk-000002.vmdk
mkdir "$tmpdir/out"
command=(v2v-nbdkit-launch -i vmx -it ssh "${ssh_options[@]}" -o disk
         -os "$tmpdir/out" -on guest
         "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/vm/vm.vmx")
run_expecting 0 "${command[@]}"
expect_same "$tmpdir/vm/disk-000002-flat.vmdk" "$tmpdir/out/guest-sda"

rm "$tmpdir/out/"*
mv "$tmpdir/vm/disk-000002-flat.vmdk" "$tmpdir/vm/disk-000002-delta.vmdk"
run_expecting 4:snapshot:false "${command[@]}"
expect_error 'disk-000002.vmdk belongs to a snapshot'
expect_hint 'consolidate'
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
