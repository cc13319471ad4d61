#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Hostile names of outputs and directories, raw and qcow2.
. ./functions.sh

names=("a space" "quote'quote" 'double"quote' 'new
line' '100%' '%s%n%20' 'a,b,,c' 'nbd:unix:x' 'file:x' 'key=value' '-leading'
       '--leading' 'back\slash' '$HOME`id`' '*?[x]' 'json:{}' '#hash?query'
       $'non-\xff-utf8-\xc3' 'ümläut' '[ds] vm.img' 'a:b' '~' '&;|<>()')
requires_plugin file
mkdir "$tmpdir/in" "$tmpdir/out"
make_disk "$tmpdir/disk" 1M
for name in "${names[@]}"; do
    # XML, and so libvirt, can only have UTF-8.
    case $name in *$'\xff'*) continue ;; esac
    mkdir "$tmpdir/out/$name"
    for format in raw qcow2; do
        run_expecting 0 v2v-nbdkit-launch -q -o disk \
            -os "$tmpdir/out/$name" -of $format -on "$name" "$tmpdir/disk"
        expect_same_image raw "$tmpdir/disk" $format \
            "$tmpdir/out/$name/$name-sda"
    done
    # Two files: the disk and its XML.
    expect test "$(find "$tmpdir/out/$name" -type f -printf x)" = xx
    rm -r "${tmpdir:?}/out/$name"
done

name=$'non-\xff-utf8'
run_expecting 1:unsupported:false v2v-nbdkit-launch -q -o disk \
    -os "$tmpdir/out" \
    -on "$name" --convert "touch '$tmpdir/converted'" "$tmpdir/disk"
expect test ! -e "$tmpdir/converted"
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
