#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Names from hell in printed command lines, quoted for a shell.
. ./functions.sh

names=("a space" "quote'quote" 'double"quote' 'new
line' '100%' '%s%n%20' 'a,b,,c' 'nbd:unix:x' 'file:x' 'key=value' '-leading'
       '--leading' 'back\slash' '$HOME`id`' '*?[x]' 'json:{}' '#hash?query'
       $'non-\xff-utf8-\xc3' 'ümläut' '[ds] vm.img' 'a:b' '~' '&;|<>()')
requires_plugin file
mkdir "$tmpdir/in" "$tmpdir/out"
requires_program jq
use_stand_in 1.32 retry readahead
for name in "${names[@]}"; do
    : >"$tmpdir/in/$name"
    run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/in/$name"
    line=$(cat "$out")
    line=${line%%$'\n'LANG=C*}
    V2VDIR=x
    eval "words=(${line#LANG=C })"
    found=no
    for word in "${words[@]}"; do
        case $word in *"$tmpdir/in/$name") found=yes ;; esac
    done
    expect test $found = yes
done
