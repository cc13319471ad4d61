#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The columns of --help and --print-source line up in languages whose
# characters are wide, or have more than one byte.
. ./functions.sh

export V2V_LOCALEDIR=$abs_top_builddir/po
[ -e "$V2V_LOCALEDIR/de/LC_MESSAGES/v2v-nbdkit-launch.mo" ] ||
    skip "built without translations (msgfmt is missing)"
requires_program localedef python3
requires_plugin file
# glibc's setlocale leaks what it makes of LOCPATH.
! under_valgrind || skip "glibc leaks a copy of LOCPATH"
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
unset LC_ALL LANG
export LOCPATH=$tmpdir/locales
make_disk "$tmpdir/disk" 1M

# columns_of REGEX: in which columns what matches begins, each once.
columns_of ()
{
    PYTHONIOENCODING=utf-8 python3 - "$1" "$out" <<'END'
import re
import sys
import unicodedata

found = set()
for line in open(sys.argv[2], encoding="utf-8"):
    match = re.match(sys.argv[1], line.rstrip("\n"))
    if match:
        found.add(sum(0 if unicodedata.combining(c) else
                      2 if unicodedata.east_asian_width(c) in "WF" else 1
                      for c in match[1]))
print(*sorted(found))
END
}

for locale in de_DE es_ES fr_FR ja_JP zh_CN; do
    mkdir -p "$LOCPATH"
    localedef -i $locale -f UTF-8 "$LOCPATH/$locale.UTF-8" >/dev/null 2>&1 ||
        [ -e "$LOCPATH/$locale.UTF-8/LC_MESSAGES" ] ||
        skip "localedef cannot make $locale"
    export LC_ALL=$locale.UTF-8
    run_expecting 0 v2v-nbdkit-launch --help
    # What is too long is on a line of its own, and its help on the next one.
    expect test "$(columns_of '( {24,}|  -.*? {2,})\S')" = 28
    run_expecting 0 v2v-nbdkit-launch --print-source "$tmpdir/disk"
    expect test "$(columns_of '( *\S[^:]*: )')" = 18
done
