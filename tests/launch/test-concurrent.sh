#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Many runs at once, of guests of their own into one directory: none meets
# another's socket, overlay, journal or target.
. ./functions.sh

requires_plugin file
runs=40
at_once=8
if [ -n "${V2V_TEST_LONG-}" ]; then
    runs=200
    at_once=25
fi
mkdir "$tmpdir/out" "$tmpdir/runs"

# start_run N: every third one keeps a journal of a conversion, every third
# one makes a qcow2.
start_run ()
{
    local options=()

    make_disk "$tmpdir/disk$1" 1M
    case $(($1 % 3)) in
        1) options=(--resume --convert
                    "qemu-io -f qcow2 -c 'write -P $(($1 % 256)) 64k 64k' \
                             \"\$overlay\" >/dev/null") ;;
        2) options=(-of qcow2) ;;
    esac
    "${tool[@]}" -o disk -os "$tmpdir/out" -on "guest$1" "${options[@]}" \
        "$tmpdir/disk$1" </dev/null >"$tmpdir/runs/$1" 2>&1 &
    pids[$1]=$!
}

# see_run N: it is done, and right.
see_run ()
{
    local format=raw got=0

    wait "${pids[$1]}" || got=$?
    [ $got = 0 ] || { tail "$tmpdir/runs/$1" >&2; fail "run $1: status $got"; }
    case $(($1 % 3)) in
        1) head -c 65536 /dev/zero | tr '\0' "\\$(printf %o $(($1 % 256)))" |
            dd of="$tmpdir/disk$1" bs=65536 seek=1 conv=notrunc status=none ;;
        2) format=qcow2 ;;
    esac
    expect_same_image raw "$tmpdir/disk$1" $format "$tmpdir/out/guest$1-sda"
    expect grep -q "<name>guest$1</name>" "$tmpdir/out/guest$1.xml"
}

pids=()
for ((first = 0; first < runs; first += at_once)); do
    for ((n = first; n < first + at_once && n < runs; n++)); do
        start_run $n
    done
    for ((n = first; n < first + at_once && n < runs; n++)); do
        see_run $n
    done
done
expect test "$(find "$tmpdir/out" -type f | wc -l)" = $((2 * runs))
expect_nothing_left
