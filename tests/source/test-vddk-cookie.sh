#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: a session cookie would be in the process list, so it is refused.
. ./functions.sh

use_vddk
run_expecting 2:usage:false v2v-nbdkit-launch "${vddk_options[@]}" -o null \
    -io vddk-cookie=sesame-4711 '[ds] vm/vm.vmdk'
expect_error 'vddk-cookie cannot be kept secret'
expect_nowhere sesame-4711
expect_nothing_left
