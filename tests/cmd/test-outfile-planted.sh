#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What another user has put where a file of ours is to be written, in a
# directory that others can write to, leads to no other file: with the sticky
# bit and without it, whatever fs.protected_symlinks is.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/victim"
options=(--result-file --report --log --machine-readable=file:)

# run STATUS OPTION PATH
run ()
{
    case $2 in
        *:) run_expecting "$1" v2v-nbdkit-launch "$2$3" -o null \
            "$tmpdir/disk" ;;
        *) run_expecting "$1" v2v-nbdkit-launch "$2" "$3" -o null \
            "$tmpdir/disk" ;;
    esac
}

# refused WHY: each option is refused before the work, and no file is touched.
refused ()
{
    local option

    for option in "${options[@]}"; do
        echo precious >"$tmpdir/victim/file"
        rm -rf "$shared/r" "$shared/r2" "$shared/d"
        "plant_$1"
        run 1 "$option" "$shared/$3"
        expect_error "$2"
        expect_stderr '^hint: .* a directory that only you'
        expect test "$(cat "$tmpdir/victim/file")" = precious
        expect test "$(ls "$tmpdir/victim")" = file
    done
}

plant_link () { other ln -s "$tmpdir/victim/file" "$shared/r"; }
plant_dangling () { other ln -s "$tmpdir/victim/new" "$shared/r"; }
plant_directory () { other ln -s "$tmpdir/victim" "$shared/d"; }
plant_fifo () { other mkfifo -m 0666 "$shared/r"; }
# As another user can where fs.protected_hardlinks is 0.
plant_second_link ()
{
    ln -s "$tmpdir/victim/file" "$tmpdir/link"
    ln -P "$tmpdir/link" "$shared/r"
    rm "$tmpdir/link"
    ln -P "$shared/r" "$shared/r2"
}

shared="$tmpdir/a shared place"
for mode in 1777 0777 0775; do
    mkdir "$shared"
    chmod $mode "$shared"
    [ $mode != 0775 ] || chgrp 12345 "$shared"
    refused link 'the link r is not followed' r
    refused dangling 'the link r is not followed' r
    refused directory 'the link d is not followed' d/file
    refused second_link 'the link r is not followed' r
    refused fifo 'another user could have put it there' r
    rm -r "$shared"
done

# A regular file, or one that has a second name elsewhere, makes room for ours.
mkdir -m 1777 "$shared"
chmod 1777 "$shared"
for option in "${options[@]}"; do
    echo precious >"$tmpdir/victim/file"
    chmod 0600 "$tmpdir/victim/file"
    for plant in 'other touch' "ln $tmpdir/victim/file"; do
        rm -f "$shared/r"
        $plant "$shared/r"
        run 0 "$option" "$shared/r"
        expect test -s "$shared/r"
        expect test "$(stat -c %u "$shared/r")" = 0
        expect test "$(cat "$tmpdir/victim/file")" = precious
    done
done

# Where only that user can make names, what is no link is written to.
mkdir "$tmpdir/theirs"
chown 12345 "$tmpdir/theirs"
other mkfifo -m 0666 "$tmpdir/theirs/fifo"
other cat "$tmpdir/theirs/fifo" >"$tmpdir/copy" &
run 0 --result-file "$tmpdir/theirs/fifo"
wait $!
expect grep -q '"type":"result"' "$tmpdir/copy"
other ln -s "$tmpdir/victim/file" "$tmpdir/theirs/link"
run 1 --result-file "$tmpdir/theirs/link"
expect_error 'the link link is not followed'
expect_nothing_left
