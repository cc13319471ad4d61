# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of the shells' completions: the program by its name in PATH, and a
# directory with something in it.  Without the test's --state-dir, which would
# stand before --complete.

mkdir "$tmpdir/bin" "$tmpdir/work"
{
    echo '#!/bin/sh'
    printf 'exec'
    printf " '%s'" "${tool[@]::${#tool[@]}-2}"
    echo ' "$@"'
} >"$tmpdir/bin/v2v-nbdkit-launch"
chmod +x "$tmpdir/bin/v2v-nbdkit-launch"
PATH=$tmpdir/bin:$PATH
cd "$tmpdir/work"
touch disk.img 'other disk.img'
mkdir dir
