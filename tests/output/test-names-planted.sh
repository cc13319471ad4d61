#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What another user has put into -os before the run, under a name that the run
# uses, is neither used nor followed nor removed: with the sticky bit and
# without it, and with the setgid bit.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/victim"
storage="$tmpdir/a shared place"
part="$storage/guest.part"
copy=(v2v-nbdkit-launch -o disk -os "$storage" -on guest "$tmpdir/disk")

victim ()
{
    echo precious >"$tmpdir/victim/file"
    chmod 600 "$tmpdir/victim/file"
}

expect_victim ()
{
    expect test "$(cat "$tmpdir/victim/file")" = precious
    expect test "$(stat -c '%u %a %h' "$tmpdir/victim/file")" = "0 600 $1"
    expect test "$(ls -A "$tmpdir/victim")" = file
}

# all_of PATH: what is there, with owners and modes.
all_of () { find "$1" -printf '%P %y %U %m %i %l %s\n' | sort; }

# refused WHY: the unfinished disks' directory is not ours.
refused ()
{
    local how before

    before=$(all_of "$part")
    for how in "" --resume; do
        # shellcheck disable=SC2086
        run_expecting 1:target-changed:false "${copy[@]}" $how
        expect_error "guest.part $1"
        expect_hint "ls -ld '$part'"
        expect test "$(all_of "$part")" = "$before"
        expect test "$(ls -A "$storage")" = guest.part
    done
    expect_victim 1
    rm -rf "$part"
}

expect_ours ()
{
    expect test -f "$storage/guest-sda" -a ! -L "$storage/guest-sda"
    expect test "$(stat -c '%u %a %h' "$storage/guest-sda")" = '0 600 1'
    expect_same_image raw "$tmpdir/disk" "$1" "$storage/guest-sda"
    expect test "$(ls -A "$storage")" = $'guest-sda\nguest.xml'
}

for mode in 1777 2777; do
    mkdir "$storage"
    chmod $mode "$storage"
    victim
    # The unfinished disks' directory.
    other mkdir "$part"
    other sh -c "echo theirs >'$part/sda'; mkfifo '$part/journal';
                 ln -s '$tmpdir/victim/file' '$part/.lock'"
    refused 'belongs to another user'
    other mkdir -m 777 "$part"
    refused 'belongs to another user'
    # As another user might have got one that was left open to all.
    mkdir -m 777 "$part"
    chmod 777 "$part"
    other sh -c "echo theirs >'$part/sda'"
    refused 'is writable by other users'
    other ln -s "$tmpdir/victim" "$part"
    refused 'exists already, and is not a directory'
    other ln -s "$tmpdir/victim/new" "$part"
    refused 'exists already, and is not a directory'
    other mkfifo "$part"
    refused 'exists already, and is not a directory'
    other sh -c "echo theirs >'$part'"
    refused 'exists already, and is not a directory'

    # The disk: what is renamed takes the place of the name itself.
    format=raw
    for what in "ln -s $tmpdir/victim/file" "ln -s $tmpdir/victim/new" \
        "ln -s $tmpdir/victim" "mkfifo -m 666" "cp -T $tmpdir/disk"; do
        # shellcheck disable=SC2086
        other $what "$storage/guest-sda"
        run_expecting 0 "${copy[@]}" -of $format
        expect_ours $format
        expect_victim 1
        rm "$storage"/*
        format=qcow2
    done
    # As another user can make one where fs.protected_hardlinks is 0.
    ln "$tmpdir/victim/file" "$storage/guest-sda"
    run_expecting 0 "${copy[@]}"
    expect_ours raw
    expect_victim 1
    rm "$storage"/*
    other mkdir "$storage/guest-sda"
    run_expecting 1:write:false "${copy[@]}"
    expect_error 'guest-sda is a directory'
    rmdir "$storage/guest-sda"

    # Names that an earlier version of the program used mean nothing.
    other mkfifo "$storage/guest-sda.part" "$storage/guest.journal" \
        "$storage/.guest.lock"
    run_expecting 0 "${copy[@]}" --resume
    rm "$storage/guest-sda.part" "$storage"/guest.journal "$storage"/.*.lock
    expect_ours raw
    rm "$storage"/*

    # The guest's XML.
    for what in "ln -s $tmpdir/victim/file" "ln -s $tmpdir/victim/new" \
        "mkfifo -m 666" mkdir; do
        # shellcheck disable=SC2086
        other $what "$storage/guest.xml"
        run_expecting 2:usage:false "${copy[@]}"
        expect_error 'guest.xml exists already'
        expect test "$(ls -A "$storage")" = guest.xml
        expect_victim 1
        rm -r "$storage/guest.xml"
    done
    ln "$tmpdir/victim/file" "$storage/guest.xml"
    run_expecting 2:usage:false "${copy[@]}"
    expect_victim 2
    rm "$storage/guest.xml"
    rmdir "$storage"
done
expect_nothing_left
