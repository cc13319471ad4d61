#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# One allocation of a run fails, each in turn (V2V_TEST_LONG=1: really each,
# else some of them): it succeeds all the same, or says what is wrong, and
# leaves nothing.
. ./functions.sh

requires_plugin file
shim=$abs_builddir/shims/no-memory.so
[ -e "$shim" ] || skip "the shim is not built"
! sanitized || skip "a sanitizer has its own malloc"
! under_valgrind || skip "valgrind has its own malloc"
make_disk "$tmpdir/disk" 1M
make_disk "$tmpdir/base" 1M
printf '[{"start":65536,"length":131072}]' >"$tmpdir/extents"
out_dir=$tmpdir/out

# starved AT STATUS ARGUMENT...
starved ()
{
    run_expecting "$2" env LD_PRELOAD="$shim" V2V_TEST_FAIL_AT="$1" \
        V2V_TEST_FAIL_COUNT="$tmpdir/count" "${tool[@]}" "${@:3}"
}

# each_fails STEP ARGUMENT...: and see what came of it.
each_fails ()
{
    local n count step=$1

    [ -z "${V2V_TEST_LONG-}" ] || step=1
    shift
    prepare
    starved 0 0 "$@"
    count=$(cat "$tmpdir/count")
    expect test "$count" -gt 100
    for ((n = 1 + RANDOM % step; n <= count; n += step)); do
        prepare
        starved $n '[0-8]' "$@"
        see_what_came "at allocation $n of $count" "$@"
    done
}

prepare ()
{
    rm -rf "$out_dir" "$tmpdir/state" "$tmpdir/result"
    mkdir "$out_dir"
    cp "$tmpdir/base" "$tmpdir/target"
}

# see_what_came WHEN ARGUMENT...
see_what_came ()
{
    local got=failed

    [ ! -e "$out_dir/guest.xml" ] || got=done
    if ! grep -q '^v2v-nbdkit-launch: error: .' "$err"; then
        [ "$got" = done ] || grep -q Finished "$err" || grep -q nbdkit "$out" ||
            fail "no word $1"
    fi
    ! grep -Eq 'error: \(null\)|Assertion|Unexpected error' "$err" ||
        fail "nonsense $1"
    # The overlay of a conversion is part of what is kept for --resume.
    if grep -q 'with --resume to go on' "$err"; then
        run_expecting 0 v2v-nbdkit-launch "${@:2}"
        got=done
    fi
    if [ "$got" = done ]; then
        expect_same "$tmpdir/disk" "$out_dir/guest-sda"
    fi
    expect_nothing_left
}

export LC_ALL=C.UTF-8
RANDOM=${V2V_TEST_SEED-1}
each_fails 137 --dry-run -o null "$tmpdir/disk"
each_fails 61 -o null "$tmpdir/disk"
# A line for programs may be missing, so they are not compared with the schema.
each_fails 79 -o disk -os "$out_dir" -on guest --convert true --resume \
    --verify --checksum --log "$tmpdir/logs/run" \
    --machine-readable=fd:5 --result-file "$tmpdir/result" \
    "$tmpdir/disk" 5>"$tmpdir/lines"
each_fails 131 -o device -oo path="$tmpdir/target" \
    --changed-extents "$tmpdir/extents" "$tmpdir/disk"
each_fails 131 --in-place --convert true "$tmpdir/target"
