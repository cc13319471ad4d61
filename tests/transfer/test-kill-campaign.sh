#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Like test-resume-campaign.sh, with several kinds of source: the tool, nbdkit
# and qemu-nbd are killed at random moments, and the copy is resumed until it
# is complete; then the target is the same as the source.
. ./functions.sh

[ -n "${V2V_TEST_LONG-}" ] || skip "set V2V_TEST_LONG=1: it takes minutes"
requires_plugin file
requires_filter rate
requires_program jq
RANDOM=${V2V_TEST_SEED-1}
size=200M
mkdir "$tmpdir/www"
make_disk "$tmpdir/www/disk" $size
write_random "$tmpdir/www/disk" 50000000 100000000
qemu-img convert -f raw -O qcow2 "$tmpdir/www/disk" "$tmpdir/disk.qcow2"
start_nginx
start_sshd

# choose_source: sets source, an array.
choose_source ()
{
    kind=$((RANDOM % 4))
    case $kind in
        0) source=(-i nbdkit file "$tmpdir/www/disk") ;;
        1) source=("$http_url/disk") ;;
        2) source=("${ssh_options[@]}"
                   "ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir/www/disk") ;;
        3) source=("$tmpdir/disk.qcow2") ;;
    esac
    format=raw
    [ $((RANDOM % 2)) = 0 ] || format=qcow2
}

# kill_something: after a moment; counts the kill if the process existed.
kill_something ()
{
    local pid victims

    sleep $((RANDOM % 2)).$((RANDOM % 10))
    case $((RANDOM % 4)) in
        0) victims=$(children_called nbdkit) ;;
        1) victims=$(children_called qemu-nbd) ;;
        *) victims=$tool_pid ;;
    esac
    for pid in $victims; do
        if kill -KILL "$pid" 2>/dev/null; then
            kills=$((kills + 1))
        fi
    done
}

kills=0
copies=0
runs=0
while [ $kills -lt "${V2V_TEST_KILLS-100}" ]; do
    choose_source
    mkdir "$tmpdir/out"
    got=1
    for ((try = 0; got != 0; try++)); do
        run_in_background v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
            -on guest -of $format --resume --bandwidth 250M "${source[@]}"
        # A copy that is killed each time would never end.
        [ $try = 8 ] || kill_something
        got=0
        wait "$tool_pid" 2>/dev/null || got=$?
        tool_pid=
        runs=$((runs + 1))
        case $got in
            # 1, 3 and 4: nbdkit was killed while it was asked, or opened.
            0|1|3|4|6|137) ;;
            *) fail "exit status $got" ;;
        esac
        [ $got = 0 ] || [ $try -lt 8 ] ||
            fail "exit status $got, and nothing was killed"
        expect_nothing_left
    done
    copies=$((copies + 1))
    echo "source $kind, $format: done after $try runs; $kills kills so far"
    expect_same_image raw "$tmpdir/www/disk" $format "$tmpdir/out/guest-sda"
    rm -r "$tmpdir/out"
done
echo "$kills kills, $runs runs, $copies copies, all right"
