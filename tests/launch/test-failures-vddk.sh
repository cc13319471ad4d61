#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -it vddk: status and reason of each thing that VMware's library says.
. ./functions.sh

use_vddk
mkdir "$tmpdir/none"
mkdir "$tmpdir/vmware/ds/vm/directory"
vddk=("${vddk_options[@]}" '[ds] vm/vm.vmdk')

vddk_says ()
{
    VDDK_STANDIN_REFUSAL=$1 fails -o null "${vddk[@]}"
    expect_error "$(sed 's/[][]/./g' <<<"$1")"
}

run_failures vddk
