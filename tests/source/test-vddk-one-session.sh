#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: a server that stands one session more than none.
. ./functions.sh

use_vddk
mkdir "$tmpdir/out"
export VDDK_STANDIN_MAX_HANDLES=1
run_expecting 0 v2v-nbdkit-launch "${vddk_options[@]}" -o disk \
    -os "$tmpdir/out" -on guest '[ds] vm/vm.vmdk'
expect_same "$tmpdir/vmware/ds/vm/vm.vmdk" "$tmpdir/out/guest-sda"
expect test "$(reported max_handles)" = 1
