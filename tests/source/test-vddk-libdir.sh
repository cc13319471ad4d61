#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -io vddk-libdir: the tarball's directory, or any that the library is in,
# but not the tarball's lib64, from where VMware's library works only partly.
. ./functions.sh

use_vddk
mkdir -p "$tmpdir/distrib/lib64" "$tmpdir/plain"
touch "$tmpdir/distrib/lib64/libvixDiskLib.so.8" \
    "$tmpdir/plain/libvixDiskLib.so.8"
for dir in distrib plain; do
    run_expecting 0 v2v-nbdkit-launch "${vddk_options[@]}" -o null \
        -io vddk-libdir="$tmpdir/$dir" '[ds] vm/vm.vmdk'
    expect test "$(reported libdir)" = "$tmpdir/$dir"
done
run_expecting 3:vddk-library:false v2v-nbdkit-launch "${vddk_options[@]}" \
    -o null -io vddk-libdir="$tmpdir/distrib/lib64/" '[ds] vm/vm.vmdk'
expect_error 'has no lib64'
expect_hint 'vmware-vix-disklib-distrib'
expect_nothing_left
