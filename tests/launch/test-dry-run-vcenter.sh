#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command lines for a VMware server, for several nbdkits.
. ./functions.sh

start_vmware --vcenter --datacenter 'folder/D C'
vmware_uri=${vmware_uri/DC/folder/D%20C}
for version in 1.24 1.32 1.48; do
    use_stand_in $version readahead blocksize rate retry
    run_expecting 0 v2v-nbdkit-launch --dry-run -ic "$vmware_uri" \
        -ip "$tmpdir/password" 'mail server'
    sed -i "s/:$vmware_port/:PORT/g" "$out"
    expect_lines "$abs_srcdir/data/dry-run-vcenter-$version.expected"
done
