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

# An extent that begins in the middle of its file; a second one, a snapshot.
cp "$tmpdir/vm/disk 1-flat.vmdk" "$tmpdir/flat"
cp "$tmpdir/vm/disk 1.vmdk" "$tmpdir/descriptor"
random_bytes before | head -c 1024 | cat - "$tmpdir/flat" \
    >"$tmpdir/vm/disk 1-flat.vmdk"
sed -i 's/VMFS\(.*\)$/FLAT\1 2/' "$tmpdir/vm/disk 1.vmdk"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk \
    -os "$tmpdir/out" -on offset
expect_same "$tmpdir/flat" "$tmpdir/out/offset-sda"
echo 'RW 10240 FLAT "other-flat.vmdk" 0' >>"$tmpdir/vm/disk 1.vmdk"
run_expecting 4:not-found:false v2v-nbdkit-launch -i vmx \
    "$tmpdir/vm/vm.vmx" -o null
expect_error 'other-flat.vmdk'
sed 's/parentCID=.*/parentCID=fffffffe/' "$tmpdir/descriptor" \
    >"$tmpdir/vm/disk 1.vmdk"
run_expecting 4:snapshot:false v2v-nbdkit-launch -i vmx \
    "$tmpdir/vm/vm.vmx" -o null
expect_error 'belongs to a snapshot'
mv "$tmpdir/flat" "$tmpdir/vm/disk 1-flat.vmdk"

requires_program qemu-img
qemu-img convert -f raw -O vmdk "$tmpdir/vm/disk 1-flat.vmdk" \
    "$tmpdir/sparse.vmdk"
mv "$tmpdir/sparse.vmdk" "$tmpdir/vm/disk 1.vmdk"
run_expecting 0 v2v-nbdkit-launch -i vmx "$tmpdir/vm/vm.vmx" -o disk \
    -os "$tmpdir/out" -on sparse
expect_same "$tmpdir/vm/disk 1-flat.vmdk" "$tmpdir/out/sparse-sda"
expect_nothing_left
