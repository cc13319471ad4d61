#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Local qcow2 disks with names from hell.
. ./functions.sh

names=("a space" "quote'quote" 'double"quote' 'new
line' '100%' '%s%n%20' 'a,b,,c' 'nbd:unix:x' 'file:x' 'key=value' '-leading'
       '--leading' 'back\slash' '$HOME`id`' '*?[x]' 'json:{}' '#hash?query'
       $'non-\xff-utf8-\xc3' 'ümläut' '[ds] vm.img' 'a:b' '~' '&;|<>()')
requires_plugin file
mkdir "$tmpdir/in" "$tmpdir/out"
make_disk "$tmpdir/disk" 1M
qemu-img convert -f raw -O qcow2 "$tmpdir/disk" "$tmpdir/disk.qcow2"
for name in "${names[@]}"; do
    cp "$tmpdir/disk.qcow2" "$tmpdir/in/$name.qcow2"
    run_expecting 0 v2v-nbdkit-launch -q -o disk -os "$tmpdir/out" \
        -on guest "$tmpdir/in/$name.qcow2"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    rm "$tmpdir/out/guest-sda"
done
expect_nothing_left
