#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The power is cut in the middle of a copy: what the journal says is stored is
# so, and --resume copies the rest.
# (V2V_TEST_LONG=1: at more moments.)
. ./functions.sh
. "$abs_srcdir/storage.sh"

requires_plugin file
requires_filter rate
requires_program jq
out_dir=$tmpdir/out
nbd_dir=$tmpdir/nbd
# For each 64 MiB, which is a chunk of the journal, a second.
chunks=5
size=$((chunks << 26))
truncate -s $size "$tmpdir/disk"
for ((i = 0; i < chunks; i++)); do
    write_random "$tmpdir/disk" $((i << 26)) $((1 << 20))
done
bandwidth=(--bandwidth 8M --connections 1 --request-size 256k --retries 0)

prepare ()
{
    rm -rf "$out_dir" "$nbd_dir" "$TMPDIR" "$tmpdir/state"
    mkdir "$out_dir" "$nbd_dir" "$TMPDIR" "$tmpdir/state"
    case $kind in
        device) truncate -s $size "$out_dir/guest-sda" ;;
        nbd) truncate -s $size "$nbd_dir/disk" ;;
    esac
    power_on "$out_dir" "$nbd_dir" "$TMPDIR" "$tmpdir/state"
    [ $kind != nbd ] || start_target "${recorder[@]}" \
        V2V_TEST_CALL_FAILS="0 pwrite $1 nbdkit $nbd_dir/disk"
}

# start_target COMMAND...: an NBD server, run by COMMAND.
start_target ()
{
    # The server forgets what it has in flight when the power is cut.
    rm -f "$tmpdir/target.pid" "$tmpdir/target.sock"
    start_server target "$@" nbdkit --foreground --exit-with-parent \
        --pidfile "$tmpdir/target.pid" --unix "$tmpdir/target.sock" \
        file "$nbd_dir/disk"
    target_pid=$server_pid
    wait_for test -s "$tmpdir/target.pid"
}

expect_whole ()
{
    case $kind in
        nbd) expect_same "$tmpdir/disk" "$nbd_dir/disk" ;;
        qcow2) expect_same_image raw "$tmpdir/disk" qcow2 \
                   "$out_dir/guest-sda" ;;
        *) expect_same "$tmpdir/disk" "$out_dir/guest-sda" ;;
    esac
}

# cut_at N: before it writes for the Nth time.
cut_at ()
{
    prepare "$1"
    recorded_failing '[1-8]|137' \
        "0 pwrite $1 v2v-nbdkit-launch $out_dir/guest*sda*" "${command[@]}" \
        "${bandwidth[@]}" "$tmpdir/disk"
    expect test -e "$stable/off"
    [ $kind != nbd ] || stop_pid "$target_pid"
    power_back
    journal=$(find "$out_dir" "$tmpdir/state" -name '*.journal' \
                   -o -name journal)
    [ $kind != nbd ] || start_target env
    run_expecting 0 v2v-nbdkit-launch "${command[@]}" --resume \
        --result-file "$tmpdir/result" "$tmpdir/disk"
    expect_whole
    [ $kind != nbd ] || stop_pid "$target_pid"
    # What was stored was not copied again.  (How far an NBD server is trusted
    # that was started again is not asked here.)
    [ $kind = nbd ] || [ -z "$journal" ] || expect jq -e \
        ".disks[0].bytes_written <= $(((chunks - 1) << 20))" "$tmpdir/result"
}

# The first flush is three seconds after the beginning, at the latest, and the
# last one would be at the end.
n=19
[ -z "${V2V_TEST_LONG-}" ] || n='13 14 15 16 17 18 19'
for kind in raw device nbd qcow2; do
    case $kind in
        raw) command=(-o disk -os "$out_dir" -on guest) ;;
        qcow2) command=(-o disk -os "$out_dir" -on guest -of qcow2) ;;
        device) command=(-o device -oo path="$out_dir/guest-sda") ;;
        nbd) command=(-o nbd
                      -oo uri="nbd+unix:///?socket=$tmpdir/target.sock") ;;
    esac
    for i in $n; do
        cut_at $i
    done
done
