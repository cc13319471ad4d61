#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's name that is just short enough for all of its files can be used
# again and again, one that is longer is refused before anything is done.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out"
max=$(getconf NAME_MAX "$tmpdir/out")
# x N: a name of N bytes.
x () { printf "%0$1d" 0; }

name=$(x $((max - 5)))          # .part
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" "$tmpdir/disk" -on)
for how in "" "" --check --resume; do
    run_expecting 0 "${copy[@]}" "$name" $how
done
expect cmp "$tmpdir/disk" "$tmpdir/out/$name-sda"
rm "$tmpdir/out"/*
for more in 1 2 50; do
    for how in "" --check --resume; do
        run_expecting 2:usage:false "${copy[@]}" "$name$(x $more)" $how \
            --convert "touch '$tmpdir/converted'"
        expect_error 'name of the guest is too long'
        expect_hint '-on NAME'
    done
done
run_expecting 1:unsupported:false "${copy[@]}" $'a\xff'
expect_hint '-on NAME'
expect test -z "$(ls -A "$tmpdir/out")" -a ! -e "$tmpdir/converted"
expect_nothing_left
