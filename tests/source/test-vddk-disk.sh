#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk and -it nfc: the disk arrives whole, through one handle, 2 MiB at
# most.
. ./functions.sh

use_vddk
mkdir "$tmpdir/out"
# What VMware's servers allow.
export VDDK_STANDIN_MAX_READ=2097152

arrives ()
{
    run_expecting 0 v2v-nbdkit-launch "$@" -o disk -os "$tmpdir/out" \
        -on guest '[ds] vm/vm.vmdk'
    expect_same "$tmpdir/vmware/ds/vm/vm.vmdk" "$tmpdir/out/guest-sda"
    expect test "$(reported max_handles)" -le 2
    expect test "$(reported max_read)" -le 2097152
    expect test "$(reported vm)" = moref=vm-42
    expect test "$(reported handles)" = 0
    rm "$tmpdir/out"/*
}

arrives "${vddk_options[@]}"
expect test "$(reported transports)" = file:nbdssl:nbd
arrives "${nfc_options[@]}"
expect test -z "$(reported transports)$(reported insecure)"
expect_nothing_left
