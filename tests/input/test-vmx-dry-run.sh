#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --dry-run touches no source: a local .vmx is read, one over ssh is not.
. ./functions.sh

make_vmx "$tmpdir/vm"
run_expecting 0 v2v-nbdkit-launch --dry-run -i vmx "$tmpdir/vm/vm.vmx"
expect_stdout 'disk 1-flat.vmdk'
run_expecting 4:unsupported:false v2v-nbdkit-launch --dry-run -i vmx -it ssh \
    "ssh://root@127.0.0.1:1$tmpdir/vm/vm.vmx"
expect_error 'has to be opened to find its disks'
expect_nothing_left
