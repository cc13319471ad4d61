#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A plugin that does not like its parameters says so.
. ./functions.sh

requires_plugin memory
run_expecting 4:unsupported:false v2v-nbdkit-launch -o null -i nbdkit memory \
    carrot=1 size=1M
expect_error 'unknown parameter .carrot.'
expect_nothing_left
