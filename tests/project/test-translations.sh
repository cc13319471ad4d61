#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An error in each language; numbers in it, JSON's keys and its reason are
# what they are in any, and so is all that JSON says of a source.
. ./functions.sh

export V2V_LOCALEDIR=$abs_top_builddir/po
[ -e "$V2V_LOCALEDIR/de/LC_MESSAGES/v2v-nbdkit-launch.mo" ] ||
    skip "built without translations (msgfmt is missing)"
requires_program localedef jq qemu-img
# glibc's setlocale leaks what it makes of LOCPATH.
! under_valgrind || skip "glibc leaks a copy of LOCPATH"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
unset LC_ALL LANG
export LOCPATH=$tmpdir/locales

# print_source: how programs are told of an image that is a case of its own.
print_source ()
{
    run_expecting 0 v2v-nbdkit-launch --print-source --machine-readable \
        "$tmpdir/image"
    jq -c 'select (.type == "source") | del (.timestamp)' "$out"
}

qemu-img create -q -f qcow2 -o encrypt.format=aes,encrypt.key-secret=s \
    --object secret,id=s,data=sesame "$tmpdir/image" 1M
source=$(LC_ALL=C print_source)
expect jq -e '.disks[0].image.state == ["encrypted"]' <<<"$source" >&2

# in_language LOCALE REGEX
in_language ()
{
    mkdir -p "$LOCPATH"
    localedef -i "$1" -f UTF-8 "$LOCPATH/$1.UTF-8" >/dev/null 2>&1 ||
        [ -e "$LOCPATH/$1.UTF-8/LC_MESSAGES" ] ||
        skip "localedef cannot make $1"
    export LC_ALL=$1.UTF-8
    run_expecting 4 v2v-nbdkit-launch --machine-readable -o null \
        "$tmpdir/none"
    expect_stderr "$2"
    expect jq -e 'select (.type == "error").reason == "not-found"' "$out" >&2
    # What is said in C is not said here.
    expect_no_stderr 'cannot open'
    expect test "$(print_source)" = "$source"
    run_expecting 2 v2v-nbdkit-launch --retries 9999 "$tmpdir/none"
    expect_stderr '0 .*1000'
    run_expecting 0 v2v-nbdkit-launch --help
    expect_stdout '--dry-run'
    expect_no_stdout 'print the nbdkit commands'
}

# composed REGEX...: in what is made of several messages, too, the language's
# own punctuation is used.
composed ()
{
    run_expecting 4 v2v-nbdkit-launch -o null "$tmpdir/none"
    expect_stderr "$1"
    run_expecting 4 v2v-nbdkit-launch -o null http://127.0.0.1:1/disk
    expect_stderr "$2"
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" "$tmpdir/disk"
    expect_stderr "$3"
    run_expecting 0 v2v-nbdkit-launch --help
    expect_stdout "$4"
}

mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 1M

in_language de_DE 'Fehler: .* lässt sich nicht öffnen'
in_language es_ES 'error: no se puede abrir'
in_language fr_FR "erreur : impossible d'ouvrir"
composed '/none : ' 'bon \?  essayer : curl' '/out/disk-sda, raw, ' \
    '^Sortie :$'
expect_no_stdout '[^ ]:$'
in_language ja_JP 'エラー: .*を開けません'
in_language zh_CN '错误: 无法打开'
composed '/none: ' '？  请尝试: curl' '/out/disk-sda，raw，' '^输出:$'
