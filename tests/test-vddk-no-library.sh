#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: no library, or not in libdir: status 3, told apart.
. ./functions.sh

use_vddk
mkdir "$tmpdir/empty"
run_expecting 3 v2v-nbdkit-launch "${vddk_options[@]}" -o null \
    -io vddk-libdir="$tmpdir/empty" '[ds] vm/vm.vmdk'
expect_error 'libvixDiskLib|libdir'
expect_stderr "$tmpdir/empty"
VDDK_STANDIN_LIBRARY=missing run_expecting 3 v2v-nbdkit-launch \
    "${vddk_options[@]}" -o null '[ds] vm/vm.vmdk'
expect_error 'libvixDiskLib|library'
expect_stderr 'vddk-libdir'
expect_nothing_left
