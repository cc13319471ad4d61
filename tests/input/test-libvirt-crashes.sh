#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A crash of libvirt's is an error like others.
. ./functions.sh

if sanitized || under_valgrind; then
    skip 'they would report the crash that is wanted here'
fi
start_vmware --crash
run_expecting '0|4:read:true' v2v-nbdkit-launch -ic "$vmware_uri" \
    -ip "$tmpdir/password" --print-source 'mail server'
grep -q 'source name' "$out" ||
    expect_error 'libvirt (was killed by signal|exited with status)'
expect_nothing_left
