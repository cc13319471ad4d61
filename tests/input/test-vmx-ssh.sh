#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx -it ssh: the .vmx is read over ssh, and so is the disk beside it.
. ./functions.sh

start_sshd
make_vmx "$tmpdir/[ds] 1/vm"
mkdir "$tmpdir/out"
uri="ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/%5Bds%5D%201/vm/vm.vmx"
run_expecting 0 v2v-nbdkit-launch -i vmx -it ssh "${ssh_options[@]}" \
    -o disk -os "$tmpdir/out" "$uri"
expect_same "$tmpdir/[ds] 1/vm/disk 1-flat.vmdk" "$tmpdir/out/mail server-sda"
expect grep -q '<name>mail server</name>' "$tmpdir/out/mail server.xml"
expect_nothing_left

# nbdkit is needed for that alone.
run_expecting 0 v2v-nbdkit-launch -i vmx -it ssh "${ssh_options[@]}" \
    --print-source "$uri"
expect_stdout 'source name: mail server'
expect_stdout 'sda ssh://.*/disk 1-flat.vmdk'
expect_nothing_left
