#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An OVA on an ssh server: in place when it is plain tar, else unpacked.
. ./functions.sh

start_sshd
make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/vm.ova"
gzip -c "$tmpdir/vm.ova" >"$tmpdir/vm.ova.gz"
mkdir "$tmpdir/out"
for file in vm.ova vm.ova.gz; do
    run_expecting 0 v2v-nbdkit-launch -i ova -o disk -os "$tmpdir/out" \
        -on $file "${ssh_options[@]}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/$file"
    expect_same "$tmpdir/disk1" "$tmpdir/out/$file-sda"
    expect_same "$tmpdir/disk2" "$tmpdir/out/$file-sdb"
    case $file in
        *.gz) expect_stderr Unpacking ;;
        *) expect_no_stderr Unpacking ;;
    esac
done
expect_nothing_left
