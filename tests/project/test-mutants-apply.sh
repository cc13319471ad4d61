#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Each mutant (tests/try-mutants) still finds its text in the source, and the
# tests that should notice it exist.
. ./functions.sh

requires_program python3
run_expecting 0 python3 "$abs_srcdir/try-mutants" --list "$abs_top_srcdir"
expect_stdout '^[1-9][0-9]* mutants, 0 bad$'

# A mutant whose text is gone is an error.
mkdir -p "$tmpdir/tree/tests/mutants" "$tmpdir/tree/lib"
echo 'int f (void) { return 0; }' >"$tmpdir/tree/lib/f.c"
printf '== gone\nwords\nin: lib/f.c\n- return 1;\n+ return 0;\nby: none.sh\n' \
    >"$tmpdir/tree/tests/mutants/area"
run_expecting 1 python3 "$abs_srcdir/try-mutants" --list "$tmpdir/tree"
expect_stdout 'the text is there 0 times'
