#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A file of lib/ includes headers of its own room and of lower floors only,
# and following includes never leads back to the file where one began.
. ./functions.sh

# A floor a line, the lowest first; a folder in a room belongs to the room.
cat >"$tmpdir/floors" <<'END'
base
settings.h context.h
io guest
nbdkit qemu target image filesystem
copy
source input output
launch
transfer
END

# includes DIRECTORY: a line "FILE HEADER" for each #include "HEADER".
includes ()
{
    (cd "$1" && grep -rE --include='*.[ch]' '^#include "' . |
         sed -E 's,^\./([^:]*):#include "([^"]*)".*,\1 \2,')
}

# going_up: those of such lines that are against the order of the floors.
going_up ()
{
    awk -v floors="$tmpdir/floors" '
        function room (path) { sub ("/.*", "", path); return path }
        BEGIN {
            while ((getline line < floors) > 0) {
                n = split (line, rooms, " ")
                height++
                for (i = 1; i <= n; i++) floor[rooms[i]] = height
            }
        }
        {
            from = room($1)
            to = room($2)
            if (from != to &&
                !(from in floor && to in floor && floor[to] < floor[from]))
                print $1 " includes " $2
        }'
}

# circles: those of such lines that close a circle.  A .c file and its
# header are one; what NAME.c and its variants share (NAME-internal.h) too.
circles ()
{
    sed -E 's,(-internal)?\.[ch]( |$),\2,g' | awk '$1 != $2' |
        { tsort 2>&1 >/dev/null || :; }
}

includes "$abs_top_srcdir/lib" >"$tmpdir/lib"
expect test "$(wc -l <"$tmpdir/lib")" -gt 500
expect test -z "$(going_up <"$tmpdir/lib" | tee /dev/stderr)"
expect test -z "$(circles <"$tmpdir/lib" | tee /dev/stderr)"
includes "$abs_top_srcdir/cmd" | circles >"$tmpdir/cmd"
expect test -z "$(tee /dev/stderr <"$tmpdir/cmd")"

# That the check can fail.
wrong='base/argv.c guest/guest.h'
expect test "$(going_up <<<"$wrong")" = 'base/argv.c includes guest/guest.h'
wrong='input/input.c source/source.h'
expect test -n "$(going_up <<<"$wrong")"
wrong='nowhere/a.c base/argv.h'
expect test -n "$(going_up <<<"$wrong")"
expect test -n "$(circles <<<$'copy/a.c copy/b.h\ncopy/b.c copy/a.h')"
