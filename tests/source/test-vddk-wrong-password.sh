#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: a wrong password: status 4, at once, and seen nowhere.
. ./functions.sh

use_vddk
echo sesame-7f3a >"$tmpdir/password"
SECONDS=0
run_expecting 4:auth:false v2v-nbdkit-launch -v -x "${vddk_options[@]}" \
    -o null '[ds] vm/vm.vmdk'
expect_error 'incorrect user name or password'
expect_hint '-ip FILE'
expect_nowhere sesame-7f3a
expect_seconds 5
expect_nothing_left
