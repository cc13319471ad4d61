#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A qemu that is too old: which, and which is needed, before anything else.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/bin" "$tmpdir/out"
PATH=$tmpdir/bin:$PATH

# prints PROGRAM TEXT: so answers PROGRAM when it is asked for its version, and
# does nothing else.
prints ()
{
    printf '#!/bin/sh\n[ "$*" = --version ] && echo "%s"\n' "$2" \
        >"$tmpdir/bin/$1"
    chmod +x "$tmpdir/bin/$1"
}

# refused PROGRAM MESSAGE: runs that need qemu end, --check looks at the rest.
refused ()
{
    run_expecting 3:internal:false v2v-nbdkit-launch -o disk \
        -os "$tmpdir/out" "$tmpdir/disk"
    expect_error "$2"
    [[ $2 != *old* ]] || expect_stderr 'install it: apt install qemu-utils'
    expect_no_stderr 'Opening'
    run_expecting 3:internal:false v2v-nbdkit-launch --check \
        -os "$tmpdir/out" "$tmpdir/disk"
    expect_stdout "^error +$1: .*$2"
    expect test "$(grep -c '^ok .*qemu' "$out")" = 1
    expect_stdout '^ok +sda read'
    run_expecting 0 v2v-nbdkit-launch --dry-run "$tmpdir/disk"
    rm "$tmpdir/bin/$1"
    expect_nothing_left
}

prints qemu-nbd 'qemu-nbd 5.1.0 (Debian 1:5.1+dfsg-4)'
refused qemu-nbd 'qemu-nbd 5\.1 is too old.*5\.2'
prints qemu-img 'qemu-img version 4.2.1 (Debian 1:4.2-3ubuntu6)'
refused qemu-img 'qemu-img 4\.2 is too old.*5\.2'
prints qemu-img 'another program'
refused qemu-img 'cannot be parsed: another program'
