#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The command lines for VDDK, for several nbdkits.
. ./functions.sh

echo hush >"$tmpdir/password"
for version in 1.12 1.24 1.32 1.48; do
    filters=(readahead blocksize rate)
    # The retry filter came with 1.16.
    [ $version = 1.12 ] || filters+=(retry)
    use_stand_in $version "${filters[@]}"
    run_expecting 0 v2v-nbdkit-launch --dry-run -i disk -it vddk \
        -ip "$tmpdir/password" -io vddk-server=esx.example.com \
        -io vddk-user=root -io vddk-moref=vm-42 \
        -io vddk-thumbprint=12:34:56 '[ds 1] vm/vm.vmdk'
    expect_lines "$abs_srcdir/data/dry-run-vddk-$version.expected"
done

# Other files for two disks, in order.
run_expecting 0 v2v-nbdkit-launch --dry-run -i disk -it vddk \
    -ip "$tmpdir/password" -io vddk-server=esx.example.com \
    -io vddk-user=root -io vddk-moref=vm-42 -io vddk-thumbprint=12:34:56 \
    -io vddk-file='[ds] first.vmdk' -io vddk-file='[ds] second.vmdk' \
    '[ds] a.vmdk' '[ds] b.vmdk'
grep -o '\[ds\] [a-z]*\.vmdk' "$out" >"$tmpdir/files"
expect test "$(uniq "$tmpdir/files")" = "[ds] first.vmdk
[ds] second.vmdk"

# The port is an option of its own.
for server in esx.example.com:18821 '[::1]:18821'; do
    run_expecting 2:usage:false v2v-nbdkit-launch --dry-run -i disk -it vddk \
        -ip "$tmpdir/password" -io vddk-server="$server" -io vddk-user=root \
        -io vddk-moref=vm-42 '[ds 1] vm/vm.vmdk'
    expect_error '-io vddk-server takes the name of a host alone'
    expect_hint '-io vddk-port=18821'
done
