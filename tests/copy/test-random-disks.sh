#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Random disks (copy/random-disk.py), from any source through any conversion to
# any output: each byte of the target is what it must be, and so is its size.
# A failure prints its seed; V2V_TEST_SEED=N repeats that one alone.
. ./functions.sh

requires_plugin file
requires_plugin nbd
requires_program python3 qemu-io qemu-nbd
first=${V2V_TEST_SEED-$((RANDOM * 32768 + RANDOM))}
count=${V2V_TEST_RUNS-12}
[ -z "${V2V_TEST_LONG-}" ] || count=${V2V_TEST_RUNS-3000}
[ -z "${V2V_TEST_SEED-}" ] || count=1
export V2V_TEST_TIMEOUT
start_nginx
make_loop_or_none ()
{
    [ "$(id -u)" = 0 ] || return 0
    truncate -s 16M "$tmpdir/backing"
    loop=$(losetup --find --show -- "$tmpdir/backing" 2>/dev/null) ||
        return 0
    cleanup_fn losetup --detach "$loop"
    [ -b "$loop" ] || loop=
}
loop=
make_loop_or_none

# serve COMMAND...: for this disk only.  nbdkit and qemu-nbd write $case/pid
# when they listen at $case/socket.
serve ()
{
    start_server "random" "$@"
    case_pids+=("$server_pid")
    wait_for test -s "$server_ready"
}

serve_nbdkit ()
{
    server_ready=$case/$1.pid
    serve nbdkit --foreground --exit-with-parent --pidfile "$server_ready" \
        --unix "$case/$1" "${@:2}"
}

serve_qemu ()
{
    server_ready=$case/$1.pid
    serve qemu-nbd --persistent --pid-file="$server_ready" \
        --socket="$case/$1" "${@:2}"
}

socket_uri () { printf 'nbd+unix:///?socket=%s/%s' "$case" "$1"; }

open_source ()
{
    arguments=(-if raw)
    case $source in
        file) arguments+=("$case/disk") ;;
        nbd)
            serve_nbdkit in --readonly file "$case/disk"
            arguments+=("$(socket_uri in)") ;;
        few)
            serve_qemu in --shared=4 --read-only --format=raw "$case/disk"
            arguments+=("$(socket_uri in)") ;;
        http)
            cp "$case/disk" "$tmpdir/www/random"
            arguments+=("$http_url/random") ;;
        nbdkit)
            arguments=(-i nbdkit file "$case/disk") ;;
        *)
            qemu-img convert -q -f raw -O "$source" "$case/disk" \
                "$case/disk.$source"
            arguments=("$case/disk.$source") ;;
    esac
}

# The result is $result, an image in $format.
open_output ()
{
    mkdir "$case/out"
    result=$case/out/guest-sda
    format=raw
    arguments=(-o disk -os "$case/out" -on guest "${arguments[@]}")
    case $output in
        raw) ;;
        preallocated) arguments=(-oa preallocated "${arguments[@]}") ;;
        qcow2*|compressed)
            format=qcow2
            case $output in
                *-falloc) arguments=(-oa preallocated "${arguments[@]}") ;;
                compressed)
                    compression=zlib
                    [ $((RANDOM % 2)) = 0 ] || ! qemu_knows_zstd ||
                        compression=zstd
                    arguments=(-oo compression=$compression \
                        "${arguments[@]}") ;;
            esac
            arguments=(-of qcow2 "${arguments[@]}") ;;
        device)
            # What was there before must not shine through.
            tr '\0' '\377' </dev/zero | head -c 16777216 >"$tmpdir/ones"
            result=${loop:-$case/device}
            cp "$tmpdir/ones" "$case/device"
            [ -z "$loop" ] || dd if="$tmpdir/ones" of="$loop" bs=1M \
                conv=fsync status=none
            arguments=(-o device -oo path="$result" "${arguments[@]:6}") ;;
        nbd*)
            result=$case/target
            if [ "$changed" = yes ]; then
                cp "$case/before" "$result"
            else
                tr '\0' '\377' </dev/zero | head -c $((size)) >"$result"
            fi
            if [ "$output" = nbd ]; then
                serve_nbdkit socket file "$result"
            else
                truncate -s $(((size + 511) / 512 * 512)) "$result"
                serve_qemu socket --shared=16 --format=raw "$result"
            fi
            arguments=(-o nbd -oo uri="$(socket_uri socket)"
                       "${arguments[@]:6}") ;;
    esac
    [ "$changed" = no ] || arguments=(--changed-extents "$case/extents"
                                      "${arguments[@]}")
    if [ "$changed" = yes ]; then
        case $output in
            raw) cp "$case/before" "$result" ;;
            qcow2) qemu-img convert -q -f raw -O qcow2 "$case/before" \
                       "$result" ;;
        esac
    fi
}

compare ()
{
    local wanted=$size

    if [ $format = qcow2 ]; then
        wanted=$(((size + 511) / 512 * 512))
        expect qemu-img check -q "$result"
        expect test "$(virtual_size qcow2 "$result")" = $wanted
        qemu-img convert -q -f qcow2 -O raw "$result" "$case/raw"
        result=$case/raw
    fi
    case $output in
        device|nbd-qemu) ;;
        *) expect test "$(stat -c %s "$result")" = $wanted ;;
    esac
    cmp -n "$size" "$case/expected" "$result" >&2 ||
        fail "the disk differs"
}

copy_disk ()
{
    local source output size changed options=() arguments=() convert=()
    local result format server_ready line writes=''

    # shellcheck disable=SC1091
    . "$case/case"
    while read -r line; do
        writes+=" -c '$line'"
    done <"$case/writes"
    [ -z "$writes" ] || convert=(--convert "qemu-io -f qcow2 $writes \
        \"\$V2V_OVERLAY_0\" >&2")
    open_source
    open_output
    run_expecting 0 v2v-nbdkit-launch "${options[@]}" "${convert[@]}" \
        "${arguments[@]}"
    compare
}

for ((seed = first; seed < first + count; seed++)); do
    case=$tmpdir/case
    mkdir "$case"
    echo "seed $seed" >&2
    "$abs_srcdir/copy/random-disk.py" "$seed" "$case"
    printf 'V2V_TEST_SEED=%s repeats this disk:\n' "$seed" \
        >"$tmpdir/logs/seed"
    cat "$case/case" "$case/writes" >>"$tmpdir/logs/seed"
    case_pids=()
    copy_disk
    for pid in "${case_pids[@]}"; do
        stop_pid "$pid"
    done
    server_pids=("${server_pids[@]:0:1}")
    rm -rf "$case"
done
expect_nothing_left
