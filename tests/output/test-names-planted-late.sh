#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What another user puts into -os while the run copies changes nothing: the
# disks are in the directory that the run has open, wherever it is moved to.
. ./functions.sh

requires_other_user
requires_plugin file
requires_filter rate
make_disk "$tmpdir/disk" 24M
mkdir "$tmpdir/victim" "$tmpdir/out"
chmod 0777 "$tmpdir/out"
echo precious >"$tmpdir/victim/sda"
part=$tmpdir/out/guest.part

# swap: another directory has the name, with what could be removed or used.
swap ()
{
    other mv "$part" "$tmpdir/out/away"
    other mkdir "$part"
    other sh -c "echo theirs >'$part/sda'; echo theirs >'$part/journal';
                 echo theirs >'$part/.lock'; echo theirs >'$part/document'"
    theirs=$(find "$part" -printf '%P %i %U %s\n' | sort)
}

expect_theirs ()
{
    expect test "$(find "$part" -printf '%P %i %U %s\n' | sort)" = "$theirs"
    expect test "$(cat "$tmpdir/victim/sda")" = precious
    rm -r "$part"
}

for format in raw qcow2; do
    start_at copying -of $format
    swap
    other ln -s "$tmpdir/victim/sda" "$tmpdir/out/guest-sda"
    echo 100G >"$tmpdir/rate"
    wait_expecting 0
    expect_same_image raw "$tmpdir/disk" $format "$tmpdir/out/guest-sda"
    expect test ! -L "$tmpdir/out/guest-sda"
    expect test "$(stat -c '%u %a' "$tmpdir/out/guest-sda")" = '0 600'
    expect_theirs
    expect test -z "$(ls -A "$tmpdir/out/away")"
    rmdir "$tmpdir/out/away"
    rm "$tmpdir"/out/*
done

# A link instead of the XML, or a FIFO, is no XML of ours.
for what in "ln -s $tmpdir/victim/sda" "ln -s $tmpdir/victim/new" mkfifo; do
    start_at copying
    # shellcheck disable=SC2086
    other $what "$tmpdir/out/guest.xml"
    echo 100G >"$tmpdir/rate"
    wait_expecting 6:write:false:true
    expect_error 'guest.xml exists already'
    expect test ! -e "$tmpdir/out/guest-sda"
    expect test "$(ls -A "$tmpdir/victim")" = sda
    expect test "$(cat "$tmpdir/victim/sda")" = precious
    # What could be resumed is not.
    rm -rf "$tmpdir"/out/* "$TMPDIR"/v2v.*
done

# Killed: the guard removes what the run made, where it is by now, and nothing
# that has its name.
for what in directory link; do
    start_at copying
    if [ $what = directory ]; then
        swap
    else
        other mv "$part" "$tmpdir/out/away"
        other ln -s "$tmpdir/victim" "$part"
    fi
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    expect test -z "$(ls -A "$tmpdir/out/away")"
    rmdir "$tmpdir/out/away"
    if [ $what = directory ]; then
        expect_theirs
    else
        expect test "$(cat "$tmpdir/victim/sda")" = precious
        expect test "$(readlink "$part")" = "$tmpdir/victim"
        rm "$part"
    fi
    expect test -z "$(ls -A "$tmpdir/out")"
done

# A signal: the same, by the run itself.
start_at copying
swap
kill -TERM "$tool_pid"
wait_expecting 143:interrupted:true
expect_theirs
expect test -z "$(ls -A "$tmpdir/out/away")"
expect_nothing_left
