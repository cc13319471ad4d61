#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# That something is refused to a confined program is told, and how to do
# without confinement: for files that the command line or programs name, and
# never for those that only an image can have named.
. ./functions.sh

requires_landlock
mkdir "$tmpdir/bin"
qemu-img create -q -f qcow2 "$tmpdir/disk" 1M
echo secret >"$tmpdir/it's: secret"
cp "$tmpdir/it's: secret" "$tmpdir/program"
chmod +x "$tmpdir/program"

# says WORDS: let qemu-img end with these words.
says ()
{
    {
        echo '#!/bin/sh'
        echo '[ "$1" != --version ] || { echo qemu-img version 7.2.0; exit; }'
        printf "cat >&2 <<'END'\n%s\nEND\nexit 1\n" "$1"
    } >"$tmpdir/bin/qemu-img"
    chmod +x "$tmpdir/bin/qemu-img"
}

command=(env PATH="$tmpdir/bin:$PATH" "${tool[@]}" "$tmpdir/disk" -o null
         -if qcow2)
for name in "it's: secret" program; do
    says "qemu-img: Could not open '$tmpdir/$name': Permission denied"
    run_expecting 4:untrusted-image:false "${command[@]}"
    expect_error "an image names $tmpdir/$name, which is none of the files"
    expect_no_stderr 'confine off'
done

says "qemu-img: Could not open '$tmpdir/disk': Permission denied"
run_expecting 4 "${command[@]}"
expect_hint "this user can read $tmpdir/disk: if confinement .*off"

libraries='error while loading shared libraries'
missing='cannot open shared object file: No such file or directory'
says "$tmpdir/bin/qemu-img: $libraries: liba.so.1: $missing"
run_expecting 4 "${command[@]}"
expect_hint 'if liba\.so\.1 is installed, and confinement .*off'
says "qemu-img: Could not open 'a
$tmpdir/bin/qemu-img: $libraries: liba.so.1: $missing
$tmpdir/program: $tmpdir/program: Permission denied'"
run_expecting 4 "${command[@]}"
expect_no_stderr 'confine off'
expect_nothing_left
