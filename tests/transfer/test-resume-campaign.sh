#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The tool, nbdkit and qemu-nbd are killed at random moments, many times; each
# time the copy that --resume completes is the same as the source.
. ./functions.sh

[ -n "${V2V_TEST_LONG-}" ] || skip "set V2V_TEST_LONG=1: it takes minutes"
requires_plugin file
requires_filter rate
RANDOM=${V2V_TEST_SEED-1}
make_disk "$tmpdir/disk" 400M
write_random "$tmpdir/disk" 50000000 200000000
run=0
while [ $run -lt "${V2V_TEST_RUNS-100}" ]; do
    format=raw
    [ $((RANDOM % 2)) = 0 ] || format=qcow2
    mkdir "$tmpdir/out"
    got=1
    while [ $got != 0 ]; do
        run=$((run + 1))
        run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
            -on guest -of $format --resume --bandwidth 600M "$tmpdir/disk"
        sleep $((RANDOM % 3)).$((RANDOM % 10))
        case $((RANDOM % 4)) in
            0) victims=$(children_called nbdkit) ;;
            1) victims=$(children_called qemu-nbd) ;;
            *) victims=$tool_pid ;;
        esac
        for pid in $victims; do
            kill -KILL "$pid" 2>/dev/null || true
        done
        got=0
        wait "$tool_pid" 2>/dev/null || got=$?
        tool_pid=
        case $got in
            0|6|137) ;;
            *) fail "exit status $got" ;;
        esac
        expect_nothing_left
    done
    expect_same_image raw "$tmpdir/disk" $format "$tmpdir/out/guest-sda"
    rm -r "$tmpdir/out"
done
