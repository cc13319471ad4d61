#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The completion for bash, run as an interactive bash runs it.
. ./functions.sh
. "$abs_srcdir/cmd/completion.sh"

. "$abs_top_srcdir/completion/v2v-nbdkit-launch"

# compopt works only while readline completes.
compopt () { :; }

# completed LINE: sets COMPREPLY.  Words are broken at blanks, '=' and ':' as
# readline does.
completed ()
{
    local cur

    COMP_LINE="v2v-nbdkit-launch $1"
    COMP_POINT=${#COMP_LINE}
    readarray -t COMP_WORDS < <(sed 's/[=:]\+/\n&\n/g; s/ \+/\n/g' \
        <<<"$COMP_LINE" | sed '/^$/d')
    [[ $COMP_LINE != *[\ ] ]] || COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    cur=${COMP_WORDS[COMP_CWORD]}
    COMPREPLY=()
    _v2v_nbdkit_launch "$tmpdir/bin/v2v-nbdkit-launch" "$cur" \
        "${COMP_WORDS[COMP_CWORD - 1]}"
    printf '%s\n' "${COMPREPLY[@]}" | sort >"$tmpdir/got"
}

# offers WANTED LINE: exactly these, blanks between them.
offers ()
{
    completed "$2"
    tr ' ' '\n' <<<"$1" | sort >"$tmpdir/wanted"
    expect diff "$tmpdir/wanted" "$tmpdir/got" >&2
}

offers '--readahead' '--reada'
offers 'libvirt libvirtxml' '-i lib'
# bash has the part before its break already.
offers 'off' '--selinux=of'
offers 'auto on off' '--selinux='
offers 'auto write discard skip' 'disk.img -o device -oo zero='
offers '///session ///system' '-ic qemu:'
offers 'stdout stderr' '--machine-readable=stream:std'
offers 'path=' '-o device -oo pa'
offers 'disk.img dir' 'di'
offers 'dir' '-os '
offers 'disk.img' '--log disk'
offers 'disk.img' '--log=disk'
offers 'disk.img' '-io ssh-identity=disk'
completed ''
expect grep -qx 'other disk.img' "$tmpdir/got"
offers '' '--retries '

# A real readline breaks the words and takes the answer.
requires_program script
printf '%s\n' 'set -o emacs' \
    ". '$abs_top_srcdir/completion/v2v-nbdkit-launch'" \
    "bind 'set bell-style none'" "PS1='> '" >"$tmpdir/rc"
{
    wait_for grep -aq '> ' "$out"
    printf 'v2v-nbdkit-launch --reada\to\t\001echo \005 TAKEN\n'
    wait_for grep -aq 'launch --readahead o TAKEN' "$out"
    printf 'v2v-nbdkit-launch -oo zer\tdi\t-ic qemu:///sy\t\001echo \005 TOO\n'
    wait_for grep -aq 'launch -oo zero=discard -ic qemu:///system TOO' "$out"
    printf 'exit\n'
} | script -qec "bash --noprofile --rcfile '$tmpdir/rc' -i" /dev/null \
    >"$out" 2>&1
expect grep -aq 'v2v-nbdkit-launch --readahead o TAKEN' "$out"
