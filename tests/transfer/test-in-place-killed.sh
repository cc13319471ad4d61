#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place, killed at random moments: the disks are unchanged or complete,
# at the latest after the same command again, which does not convert twice.
. ./functions.sh

requires_plugin file
requires_program qemu-io qemu-img
rounds=${V2V_TEST_KILLS:-6}
truncate -s 96M "$tmpdir/before"
write_random "$tmpdir/before" 0 20000000
cp "$tmpdir/before" "$tmpdir/expected"
commands=()
for ((i = 0; i < 16; i++)); do
    commands+=(-c "write -P $((i + 1)) $((i * 6))M 4M")
done
commands+=(-c 'write -z 10M 5M')
qemu-io -f raw "${commands[@]}" "$tmpdir/expected" >/dev/null
cat >"$tmpdir/convert" <<END
echo x >>"$tmpdir/converted"
for uri in "\$V2V_OVERLAY_URI_0" "\$V2V_OVERLAY_URI_1"; do
  qemu-io -f raw $(printf "'%s' " "${commands[@]}") "\$uri" || exit 1
done
END
command=(v2v-nbdkit-launch --in-place --convert "sh '$tmpdir/convert'"
         "$tmpdir/raw" "$tmpdir/qcow2")

# is_now NAME: both disks are as NAME.
is_now ()
{
    cmp -s "$tmpdir/$1" "$tmpdir/raw" &&
        qemu-img compare -q -f raw -F qcow2 "$tmpdir/$1" "$tmpdir/qcow2"
}

half_done=0
for ((round = 0; round < rounds; round++)); do
    rm -f "$tmpdir/converted" "$tmpdir/raw" "$tmpdir/qcow2"
    cp "$tmpdir/before" "$tmpdir/raw"
    qemu-img convert -O qcow2 "$tmpdir/before" "$tmpdir/qcow2"
    run_in_background "${command[@]}"
    # Half of the kills come before the record exists.
    if ((round % 2)); then
        for ((i = 0; i < 3000; i++)); do
            [ ! -e "$tmpdir/raw.v2v-in-place" ] && is_running "$tool_pid" ||
                break
            sleep 0.002
        done
        sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
    else
        sleep "0.$((RANDOM % 8))$((RANDOM % 10))"
    fi
    signal=KILL
    ((round % 4 < 3)) || signal=TERM
    kill -$signal "$tool_pid" 2>/dev/null || :
    wait_expecting '137|143|0'
    # The servers of the killed run have ended by now.
    for ((i = 0; i < 200; i++)); do
        [ -n "$(marked_processes "$tool_mark")" ] || break
        sleep 0.05
    done
    if [ -e "$tmpdir/raw.v2v-in-place" ]; then
        half_done=$((half_done + 1))
        converted=1
    else
        is_now before || is_now expected ||
            fail 'neither untouched nor finished, and no record'
        converted='[0-9]*'
    fi
    run_expecting 0 "${command[@]}"
    is_now expected || fail "round $round: not as it should be"
    expect test "$(find "$tmpdir" -name '*in-place*')" = ''
    [[ $(wc -l <"$tmpdir/converted") =~ ^$converted$ ]] ||
        fail 'converted twice'
    expect_nothing_left
done
echo "$half_done of $rounds were killed while they wrote"
