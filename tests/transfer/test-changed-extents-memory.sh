#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A long list of extents takes no more memory than four times its text.
. ./functions.sh

sanitized && skip "sanitizers take memory of their own"
under_valgrind && skip "valgrind takes memory of its own"
requires_plugin file
requires_program python3
extents=250000
truncate -s $((extents * 4096)) "$tmpdir/disk"

# takes FORM BEFORE EACH AFTER: a list with EACH for every extent.
takes ()
{
    local used size

    python3 - "$tmpdir/list" "$extents" "${@:2}" <<'END'
import sys
name, count, before, each, after = sys.argv[1:]
with open(name, "w") as list:
    list.write(before)
    for i in range(int(count)):
        list.write(each.replace("N", str(i * 4096)).replace("#", ","[:i > 0]))
    list.write(after)
END
    size=$(stat -c %s "$tmpdir/list")
    used=$(python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)' \
        "${tool[@]}" -q -if raw --check -o null \
        --changed-extents "$tmpdir/list" "$tmpdir/disk")
    echo "$1: $used bytes for $size"
    # What a run takes without a list is not counted.
    expect test $((used - (64 << 20))) -le $((4 * size))
}

takes JSON '[' '#{"start":N,"length":512}' ']'
takes XML '<returnval><startOffset>0</startOffset><length>1024000000</length>' \
    '<changedArea><start>N</start><length>512</length></changedArea>' \
    '</returnval>'
takes pyVmomi '[' '#(vim.E) { start = N, length = 512 }' ']'
