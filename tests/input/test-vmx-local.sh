#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx: a local VM, flat and monolithic, arrives whole; it is not changed.
. ./functions.sh

make_vmx "$tmpdir/vm"
mkdir "$tmpdir/out"
remember "$tmpdir"/vm/*
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk \
    -os "$tmpdir/out"
expect_same "$tmpdir/vm/disk 1-flat.vmdk" "$tmpdir/out/mail server-sda"
expect_untouched

requires_program qemu-img
qemu-img convert -f raw -O vmdk "$tmpdir/vm/disk 1-flat.vmdk" \
    "$tmpdir/sparse.vmdk"
mv "$tmpdir/sparse.vmdk" "$tmpdir/vm/disk 1.vmdk"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk \
    -os "$tmpdir/out" -on sparse
expect_same "$tmpdir/vm/disk 1-flat.vmdk" "$tmpdir/out/sparse-sda"
expect_nothing_left
