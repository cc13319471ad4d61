#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Files that are no disk, or one that must not be read: status and reason of
# each.
. ./functions.sh

requires_plugin file
requires_plugin eval
requires_program qemu-img
disk=$tmpdir/disk
make_disk "$disk" 2M
make_vmx "$tmpdir/vm"
make_vmx "$tmpdir/snapshot"
qemu-img create -q -f vmdk "$tmpdir/base.vmdk" 2M
qemu-img create -q -f vmdk -F vmdk -b "$tmpdir/base.vmdk" \
    "$tmpdir/snapshot/disk 1.vmdk"
make_ovf "$tmpdir/ovf"
run_failures image
