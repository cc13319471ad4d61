#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A transport that does not go with the input is refused with the reason.
. ./functions.sh

make_vmx "$tmpdir/vm"
: >"$tmpdir/x.ova"
run_expecting 2:usage:false v2v-nbdkit-launch -i vmx -it vddk \
    "$tmpdir/vm/vm.vmx" -o null
expect_error '-i vmx cannot be used with -it vddk'
run_expecting 2:usage:false v2v-nbdkit-launch -i vmx -it ssh \
    "$tmpdir/vm/vm.vmx" -o null
expect_error '-it ssh needs an ssh:// URI'
run_expecting 2:usage:false v2v-nbdkit-launch -i ova -it vddk "$tmpdir/x.ova" \
    -o null
expect_error '-i ova cannot be used with -it vddk'
run_expecting 2:usage:false v2v-nbdkit-launch -ic test:///default -it vddk \
    -o null test
expect_error "-it vddk can only be used with guests of VMware's servers"
expect_nothing_left
