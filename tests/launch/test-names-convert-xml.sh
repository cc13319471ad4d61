#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's name from hell is escaped in V2V_XML and V2V_JSON.
. ./functions.sh

names=("a space" "quote'quote" 'double"quote' 'new
line' '100%' '%s%n%20' 'a,b,,c' 'nbd:unix:x' 'file:x' 'key=value' '-leading'
       '--leading' 'back\slash' '$HOME`id`' '*?[x]' 'json:{}' '#hash?query'
       $'non-\xff-utf8-\xc3' 'ümläut' '[ds] vm.img' 'a:b' '~' '&;|<>()')
requires_plugin file
mkdir "$tmpdir/in" "$tmpdir/out"
requires_program jq
for name in 'a<b>&"c'"'" 'x]]>y' 'tab	tab' 'ümläut'; do
    make_disk "$tmpdir/$name" 64k
    run_expecting 0 v2v-nbdkit-launch -q -o null -on "$name" --convert "
        cp \"\$V2V_JSON\" '$tmpdir/json'; cp \"\$V2V_XML\" '$tmpdir/xml'
        printf %s \"\$V2V_GUEST_NAME\" >'$tmpdir/name'" "$tmpdir/$name"
    expect test "$(jq -r .name "$tmpdir/json")" = "$name"
    expect test "$(cat "$tmpdir/name")" = "$name"
    if type -P xmllint >/dev/null; then
        expect test "$(xmllint --xpath 'string (/domain/name)' \
            "$tmpdir/xml")" = "$name"
    fi
done
expect_nothing_left
