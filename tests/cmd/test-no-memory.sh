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
requires_program qemu-io
out_dir=$tmpdir/out
# Without memory for the words of an error, libnbd keeps a constant, which 1.22
# frees when the thread or the process ends: at most twice in a run.
ends='[0-8]' crashes=0
! nbdinfo --version | grep -qE '^libnbd 1\.(2[2-9]|[3-9])' || ends+='|139'

# starved AT STATUS ARGUMENT...: the status is in $tmpdir/status.  There may be
# no memory for the result, so that none is looked at.
starved ()
{
    local own=(--result-file /dev/null)

    [[ " $* " != *' --result-file '* ]] || own=()
    run_expecting "$2" env LD_PRELOAD="$shim" V2V_TEST_FAIL_AT="$1" \
        V2V_TEST_FAIL_COUNT="$tmpdir/count" \
        sh -c '"$@"; got=$?; echo $got >"$0"; exit $got' "$tmpdir/status" \
        "${tool[@]}" "${own[@]}" "${@:3}"
}

# each_fails STEP EXPECTED RESULT ARGUMENT...: and see what came of it.
each_fails ()
{
    local n count step=$1 expected=$2 result=$3

    [ -z "${V2V_TEST_LONG-}" ] || step=1
    shift 3
    prepare
    starved 0 0 "$@"
    expect_same "$expected" "$result"
    count=$(cat "$tmpdir/count")
    expect test "$count" -gt 100
    crashes=0
    for ((n = 1 + RANDOM % step; n <= count; n += step)); do
        prepare
        starved $n "$ends" "$@"
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
    if [ "$(cat "$tmpdir/status")" = 139 ]; then
        expect test $((crashes += 1)) -le 2
        expect_nothing_left
        return
    fi
    ! grep -Eq 'error: \(null\)|Assertion|Unexpected error' "$err" ||
        fail "nonsense $1"
    if grep -q '^v2v-nbdkit-launch: error: .' "$err"; then
        # What is kept for the next run is all that may be left.
        grep -Eq 'with --resume to continue|run the same command again' "$err" ||
            expect_nothing_left
        run_expecting 0 v2v-nbdkit-launch "${@:2}"
    elif [ "$(cat "$tmpdir/status")" != 0 ]; then
        fail "no word $1"
    fi
    expect_same "$expected" "$result"
    expect_nothing_left
}

export LC_ALL=C.UTF-8
RANDOM=${V2V_TEST_SEED-1}
make_disk "$tmpdir/disk" 1M
make_disk "$tmpdir/base" 1M
cp "$tmpdir/base" "$tmpdir/changed"
dd if="$tmpdir/disk" of="$tmpdir/changed" bs=65536 skip=1 seek=1 count=2 \
    conv=notrunc status=none
dd if="$tmpdir/disk" of="$tmpdir/chunk" bs=65536 skip=1 count=2 status=none
printf '[{"start":65536,"length":131072}]' >"$tmpdir/extents"
each_fails 257 /dev/null /dev/null --dry-run -o null "$tmpdir/disk"
each_fails 179 /dev/null /dev/null -o null "$tmpdir/disk"
# A line for programs may be missing: they are not compared with the schema.
each_fails 257 "$tmpdir/disk" "$out_dir/guest-sda" -o disk -os "$out_dir" \
    -on guest --convert true --resume --verify --checksum \
    --log "$tmpdir/logs/run" --machine-readable=fd:5 \
    --result-file "$tmpdir/result" "$tmpdir/disk" 5>"$tmpdir/lines"
each_fails 353 "$tmpdir/changed" "$tmpdir/target" -o device \
    -oo path="$tmpdir/target" --changed-extents "$tmpdir/extents" \
    "$tmpdir/disk"
each_fails 353 "$tmpdir/changed" "$tmpdir/target" --in-place \
    --convert "qemu-io -f qcow2 -c 'write -s $tmpdir/chunk 64k 128k' \
               \"\$overlay\" >/dev/null" "$tmpdir/target"
each_fails 499 "$tmpdir/disk" "$out_dir/guest-sda" -o kubevirt -oo pvc=one \
    -os "$out_dir" -on guest --resume "$tmpdir/disk"
