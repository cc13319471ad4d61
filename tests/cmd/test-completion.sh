#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bash completion, run as an interactive bash runs it.
. ./functions.sh

mkdir "$tmpdir/bin" "$tmpdir/work"
{
    echo '#!/bin/sh'
    printf 'exec'
    printf " '%s'" "${tool[@]}"
    echo ' "$@"'
} >"$tmpdir/bin/v2v-nbdkit-launch"
chmod +x "$tmpdir/bin/v2v-nbdkit-launch"
PATH=$tmpdir/bin:$PATH
cd "$tmpdir/work"
touch disk.img 'other disk.img'
mkdir dir
. "$abs_top_srcdir/bash/v2v-nbdkit-launch"

# compopt works only while readline completes.
compopt () { :; }

# completed WORD...: the last word is to be completed; sets COMPREPLY.
# Words are broken at '=' and ':' as readline does.
completed ()
{
    local n

    COMP_WORDS=(v2v-nbdkit-launch "$@")
    COMP_CWORD=$#
    n=$((COMP_CWORD - 1))
    COMPREPLY=()
    _v2v_nbdkit_launch v2v-nbdkit-launch "${COMP_WORDS[COMP_CWORD]}" \
        "${COMP_WORDS[n]}"
    printf '%s\n' "${COMPREPLY[@]}" | sort >"$tmpdir/got"
}

# offers WANTED -- WORD...: exactly these, blanks between them.
offers ()
{
    local wanted=$1

    shift 2
    completed "$@"
    tr ' ' '\n' <<<"$wanted" | sort >"$tmpdir/wanted"
    expect diff "$tmpdir/wanted" "$tmpdir/got" >&2
}

# All options, and nothing else.
{ v2v-nbdkit-launch --long-options; v2v-nbdkit-launch --short-options; } |
    sort >"$tmpdir/options"
completed -
expect diff "$tmpdir/options" "$tmpdir/got" >&2
offers '--readahead' -- --reada
offers '--dry-run' -- disk.img --dr

# Values.
inputs=$(v2v-nbdkit-launch --machine-readable | sed -n 's/^input://p')
outputs=$(v2v-nbdkit-launch --machine-readable | sed -n 's/^output://p')
offers "$(echo $inputs)" -- -i ''
offers "$(echo $outputs)" -- -o ''
offers 'libvirt libvirtxml' -- -i lib
offers 'raw qcow2' -- disk.img -of ''
offers 'sparse preallocated' -- -oa ''
offers 'ssh vddk' -- -it ''
offers 'auto on off' -- --readahead ''
offers 'on off' -- --selinux o
offers 'off' -- --selinux = of
offers 'auto on off' -- --selinux =
offers 'on off' -- --skip-unused ''
offers 'ssh-identity=' -- -io ssh-id
offers 'ovf=' -- -i ova -io ov
offers 'vm=' -- -io vm
offers 'path= zero=' -- -o device -oo ''
offers 'uri= zero=' -- -oo '' -o nbd -oo ''
offers 'compressed=' -- -oo comp
offers 'stream:stdout stream:stderr' -- --machine-readable = str

# Files and directories.
completed ''
expect grep -qx 'other disk.img' "$tmpdir/got"
expect grep -qx 'disk.img' "$tmpdir/got"
offers 'disk.img dir' -- di
offers 'dir' -- -os ''
offers 'disk.img' -- --log disk
offers 'disk.img' -- -io ssh-identity = disk
offers 'disk.img' -- --machine-readable disk

# A number is for its user to know.
offers '' -- --retries ''

# A real readline breaks the words and takes the answer.
requires_program script
printf '%s\n' 'set -o emacs' ". '$abs_top_srcdir/bash/v2v-nbdkit-launch'" \
    "bind 'set bell-style none'" "PS1='> '" >"$tmpdir/rc"
{
    wait_for grep -aq '> ' "$out"
    printf 'v2v-nbdkit-launch --reada\to\t\001echo \005 TAKEN\n'
    wait_for grep -aq 'launch --readahead o TAKEN' "$out"
    printf 'exit\n'
} | script -qec "bash --noprofile --rcfile '$tmpdir/rc' -i" /dev/null \
    >"$out" 2>&1
expect grep -aq 'v2v-nbdkit-launch --readahead o TAKEN' "$out"
