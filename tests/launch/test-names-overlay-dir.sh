#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Overlay directories and TMPDIRs with names from hell.
. ./functions.sh

names=("a space" "quote'quote" 'double"quote' 'new
line' '100%' '%s%n%20' 'a,b,,c' 'nbd:unix:x' 'file:x' 'key=value' '-leading'
       '--leading' 'back\slash' '$HOME`id`' '*?[x]' 'json:{}' '#hash?query'
       $'non-\xff-utf8-\xc3' 'ümläut' '[ds] vm.img' 'a:b' '~' '&;|<>()')
requires_plugin file
mkdir "$tmpdir/in" "$tmpdir/out"
make_disk "$tmpdir/disk" 1M
for name in "${names[@]}"; do
    # XML, and so V2V_XML, knows only text.
    case $name in *$'\xff'*) continue ;; esac
    mkdir "$tmpdir/in/$name"
    run_expecting 0 v2v-nbdkit-launch -q -o null \
        --overlay-dir "$tmpdir/in/$name" \
        --convert 'qemu-io -c "write 0 64k" "file:$V2V_OVERLAY_0"' \
        "$tmpdir/disk"
    TMPDIR=$tmpdir/in/$name run_expecting 0 v2v-nbdkit-launch -q -o null \
        --convert 'qemu-io -f raw -c "write 0 64k" "$V2V_OVERLAY_URI_0"' \
        "$tmpdir/disk"
    expect test -z "$(ls -A "$tmpdir/in/$name")"
done
expect_nothing_left
