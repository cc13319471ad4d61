#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A copy to qcow2, compressed or not, of a disk with data and zeroes anywhere,
# is killed again and again at any moment: qemu reads what was there then, and
# --resume completes it: the image has every byte, and no cluster too many.
. ./functions.sh

requires_filter rate
requires_program qemu-io
seed=${V2V_TEST_SEED-$((RANDOM * 32768 + RANDOM))}
RANDOM=$seed
count=${V2V_TEST_RUNS-4}
[ -z "${V2V_TEST_LONG-}" ] || count=${V2V_TEST_RUNS-200}
part=$tmpdir/out/guest.part/sda
# random N: $n is a number below N.
random () { n=$(((RANDOM << 15 | RANDOM) % $1)); }

# 200 to 330 MiB, of which 20 to 30 are data: chunks of the journal are 64 MiB.
make_disk_of_runs ()
{
    local i len size

    random 266240
    size=$((200 * 1048576 + n * 512))
    rm -f "$tmpdir/disk"
    truncate -s $size "$tmpdir/disk"
    for ((i = 0; i < 24; i++)); do
        random 4000
        len=$(((1 + n) * 512))
        random $((size - len))
        write_random "$tmpdir/disk" $((n / 512 * 512)) $len
    done
    # These become smaller.
    random $((size - 4000000))
    yes "$seed" 2>/dev/null | head -c 4000000 >"$tmpdir/text" || :
    write_from "$tmpdir/disk" "$n" 4000000 <"$tmpdir/text"
}

# Is what was left right for qemu, which may look at it?
look_at_part ()
{
    [ -e "$part" ] || return 0
    qemu-img info -f qcow2 "$part" >/dev/null 2>&1 || return 0
    qemu-img convert -f qcow2 -O raw "$part" "$tmpdir/left" >&2
    # Each sector is the disk's, or zero.
    python3 - "$tmpdir/expected" "$tmpdir/left" <<'END' >&2
import sys
with open(sys.argv[1], 'rb') as a, open(sys.argv[2], 'rb') as b:
    while True:
        x, y = a.read(65536), b.read(65536)
        if not x:
            break
        if x != y and any(
                y[i:i + 512] not in (x[i:i + 512], bytes(len(y[i:i + 512])))
                for i in range(0, len(x), 512)):
            sys.exit('at %d it is neither' % (a.tell() - 65536))
END
}

copy_and_kill ()
{
    local i n kills copy=(v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out"
                      -of qcow2 -on guest --overlay-dir "$tmpdir/overlays"
                      --resume "$@" "$tmpdir/disk")

    rm -rf "$tmpdir/out"
    mkdir "$tmpdir/out"
    random 3
    kills=$((1 + n))
    for ((i = 0; i < kills; i++)); do
        run_in_background "${copy[@]}" --bandwidth 60M
        random 20
        sleep $((n / 10)).$((n % 10))
        kill -KILL "$tool_pid" 2>/dev/null || :
        wait "$tool_pid" 2>/dev/null || :
        tool_pid=
        expect_nothing_left
        [ ! -e "$tmpdir/out/guest-sda" ] || break
        look_at_part
    done
    if [ ! -e "$tmpdir/out/guest-sda" ]; then
        run_expecting 0 "${copy[@]}"
    fi
    expect qemu-img check "$tmpdir/out/guest-sda"
    expect_same_image raw "$tmpdir/expected" qcow2 "$tmpdir/out/guest-sda"
    rm -rf "$tmpdir"/overlays/*
}

mkdir "$tmpdir/overlays"
zstd=zstd
qemu_knows_zstd || zstd=zlib
writes=(-c 'write -P 1 65024 1024' -c 'write -P 2 70000128 200192'
        -c 'write -z 1048576 40960' -c 'write -P 3 140000256 512')
for ((i = 0; i < count; i++)); do
    echo "seed $seed, disk $i" >&2
    make_disk_of_runs
    cp "$tmpdir/disk" "$tmpdir/expected"
    options=()
    case $((i % 4)) in
        1) options+=(-oo compressed) ;;
        3) options+=(-oo compression=$zstd) ;;
    esac
    if [ $((i % 4)) -ge 2 ]; then
        qemu-io -f raw "${writes[@]}" "$tmpdir/expected" >/dev/null
        options+=(--convert "qemu-io -f qcow2 $(
            printf "'%s' " "${writes[@]}") \"\$V2V_OVERLAY_0\"")
    fi
    copy_and_kill "${options[@]}"
done
expect_nothing_left
