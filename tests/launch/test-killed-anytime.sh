#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# SIGTERM at any moment of a run is status 143, unless the run was done; and
# nothing is left of it, unless all was copied, which is kept.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
mkdir "$tmpdir/out"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      --convert 'sleep 0.05')
for delay in 0.0{1..9} 0.{10..40..2} 0.5 0.6; do
    run_in_background "${copy[@]}" "$tmpdir/disk"
    # What runs at first is env, and ends of the signal itself.
    sleep "$delay"
    kill -TERM "$tool_pid" 2>/dev/null || :
    for ((i = 0; i < 600; i++)); do
        is_running "$tool_pid" || break
        sleep 0.05
    done
    got=0
    wait "$tool_pid" 2>/dev/null || got=$?
    case $got in
        0) expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda" ;;
        143)
            if [ -e "$tmpdir/out/guest.part/journal" ]; then
                run_expecting 0 "${copy[@]}" --resume "$tmpdir/disk"
                expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
                rm "$tmpdir"/out/guest*
            fi
            expect test -z "$(ls -A "$tmpdir/out")" ;;
        *) fail "exit status $got after $delay s" ;;
    esac
    rm -rf "$tmpdir/out"/*
    expect_nothing_left
done
