#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An unpacked OVA; one whose disk is not what its manifest says is refused.
. ./functions.sh

make_ovf "$tmpdir/ovf"
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/ovf" -o disk \
    -os "$tmpdir/out"
expect_same "$tmpdir/disk1" "$tmpdir/out/mail server-sda"
expect_same "$tmpdir/disk2" "$tmpdir/out/mail server-sdb"

write_random "$tmpdir/ovf/disk 2.vmdk" 70000 100
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -i ova "$tmpdir/ovf" \
    -o null
expect_error 'the SHA256 of disk 2.vmdk is .*, but the manifest says'
expect_nothing_left
