#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Remote paths with names from hell, escaped in the URI.
. ./functions.sh

names=("a space" "quote'quote" 'double"quote' 'new
line' '100%' '%s%n%20' 'a,b,,c' 'nbd:unix:x' 'file:x' 'key=value' '-leading'
       '--leading' 'back\slash' '$HOME`id`' '*?[x]' 'json:{}' '#hash?query'
       $'non-\xff-utf8-\xc3' 'ümläut' '[ds] vm.img' 'a:b' '~' '&;|<>()')
requires_plugin file
mkdir "$tmpdir/in" "$tmpdir/out"
escape ()
{
    printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g'
}

make_disk "$tmpdir/disk" 1M
start_sshd
for name in "${names[@]}"; do
    cp "$tmpdir/disk" "$tmpdir/in/$name"
    run_expecting 0 v2v-nbdkit-launch -q -o disk -os "$tmpdir/out" \
        -on guest "${ssh_options[@]}" \
        "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/in/$(escape "$name")"
    expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
    rm "$tmpdir/out/guest-sda"
done
expect_nothing_left
