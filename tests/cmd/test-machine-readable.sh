#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --machine-readable alone prints the capabilities.
. ./functions.sh

run_expecting 0 v2v-nbdkit-launch --machine-readable
for line in v2v-nbdkit-launch input:disk output:disk output:null; do
    expect grep -qxF "$line" "$out"
done
