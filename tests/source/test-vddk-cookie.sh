#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: a session cookie goes to an nbdkit that reads it from a file.  With
# others it would be in the process list, so it is refused.
. ./functions.sh

use_vddk
V2V_NBDKIT=$stand_ins/nbdkit-1.32 run_expecting 2:usage:false v2v-nbdkit-launch "${vddk_options[@]}" -o null \
    -io vddk-cookie=sesame-4711 '[ds] vm/vm.vmdk'
expect_error 'vddk-cookie cannot be kept secret'
expect_nowhere sesame-4711
expect_nothing_left

use_stand_in 1.48 retry
run_expecting 0 v2v-nbdkit-launch --dry-run "${vddk_options[@]}" \
    -io vddk-cookie=sesame-4711 '[ds] vm/vm.vmdk'
expect grep -qF ' @"$V2VDIR"/in0.cookie ' "$out"
expect_nowhere sesame-4711
run_expecting 2:usage:false v2v-nbdkit-launch --dry-run \
    "${vddk_options[@]}" -io vddk-cookie=$'a\nfile=b' '[ds] vm/vm.vmdk'
expect_error 'not one line'
