#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each fuzzer goes through its seeds.
. ./functions.sh

found=no
for seeds in "$abs_srcdir"/fuzz/*/ "$abs_srcdir"/data/libvirtxml/; do
    fuzzer=$abs_builddir/fuzz-$(basename "$seeds")
    [ -x "$fuzzer" ] || continue
    found=yes
    # shellcheck disable=SC2086
    run_expecting 0 timeout 100 ${VG-} "$fuzzer" "$seeds"*
done
[ $found = yes ] || skip 'there are no fuzzers'
