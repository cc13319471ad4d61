#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each fuzzer goes through its seeds, and through the other tests' data.
. ./functions.sh

shopt -s nullglob
found=no
for source in "$abs_srcdir"/fuzz/fuzz-*.c; do
    name=$(basename "$source" .c)
    fuzzer=$abs_builddir/fuzz/$name
    [ -x "$fuzzer" ] || continue
    found=yes
    seeds=("$abs_srcdir/fuzz/${name#fuzz-}"/*
           "$abs_srcdir/data/${name#fuzz-}"/*)
    expect test ${#seeds[@]} -ge 2
    # shellcheck disable=SC2086
    run_expecting 0 timeout 100 ${VG-} "$fuzzer" "${seeds[@]}"
done
[ $found = yes ] || skip 'there are no fuzzers'
