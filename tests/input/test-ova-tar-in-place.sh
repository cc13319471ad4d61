#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A plain tar OVA is read where it is: nothing is unpacked, and the disks
# arrive whole.
. ./functions.sh

make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/vm.ova"
mkdir "$tmpdir/out"
remember "$tmpdir/vm.ova"
run_expecting 0 v2v-nbdkit-launch -x -i ova "$tmpdir/vm.ova" -o disk \
    -os "$tmpdir/out"
expect_stderr 'nbdkit .*--filter offset .*offset=[0-9]+ range=[0-9]+'
expect_no_stderr 'Unpacking'
expect_same "$tmpdir/disk1" "$tmpdir/out/mail server-sda"
expect_same "$tmpdir/disk2" "$tmpdir/out/mail server-sdb"
expect_untouched
expect_nothing_left
