#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each fuzzer goes through its seeds.
. ./functions.sh

found=no
for seeds in "$abs_srcdir"/seeds/*/; do
    name=$(basename "$seeds")
    fuzzer=$abs_builddir/fuzz-$name
    [ -x "$fuzzer" ] || continue
    found=yes
    for seed in "$seeds"/*; do
        timeout 60 ${VG-} "$fuzzer" "$seed" >"$out" 2>"$err" </dev/null ||
            fail "$name: $seed"
    done
done
[ $found = yes ] || skip 'there are no fuzzers'
