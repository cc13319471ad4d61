#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What is run to read metadata is told like anything else, but of no disk.
. ./functions.sh

start_sshd
make_vmx "$tmpdir/vm"
run_expecting 0 v2v-nbdkit-launch -i vmx -it ssh "${ssh_options[@]}" \
    --machine-readable -o null \
    "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/vm/vm.vmx"
expect jq -s -e '[.[] | select (.type == "command" and .program == "nbdkit" and
    (.argv | any (test ("^ssh$|v2vssh-plugin"))) and (.argv | index ("--foreground")))] |
    (.[0] | has ("disk") | not) and .[1].disk == 0' "$out"
expect_nothing_left
