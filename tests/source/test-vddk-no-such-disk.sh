#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: a disk that does not exist: status 4.
. ./functions.sh

use_vddk
run_expecting 4:not-found:false v2v-nbdkit-launch "${vddk_options[@]}" \
    -o null '[ds] vm/other.vmdk'
expect_error 'A file was not found'
expect_hint datastore
expect_nothing_left
