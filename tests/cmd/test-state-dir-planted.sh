#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A state directory that another user could have put there, or could exchange,
# is not used: its journals and records could be that user's.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out" "$tmpdir/sticky" "$tmpdir/open" "$tmpdir/victim"
chmod 1777 "$tmpdir/sticky"
chmod 0777 "$tmpdir/open"

# run_with DIR OPTION...
run_with ()
{
    rm -f "$tmpdir/out/guest-sda"
    run_expecting "$1" v2v-nbdkit-launch --state-dir "$2" -os "$tmpdir/out" \
        -on guest "${@:3}" "$tmpdir/disk"
}

# unusable WHY DIR: a warning, with --resume an error; and nothing is made.
unusable ()
{
    run_with 0 "$2"
    expect_stderr "warning: the state directory cannot be used: .*$1"
    expect test -e "$tmpdir/out/guest-sda"
    run_with 1 "$2" --resume
    expect_error "the state directory cannot be used: .*$1"
    expect_stderr '^hint: .*directory'
    expect_not test -e "$tmpdir/out/guest-sda"
    expect test -z "$(find "$tmpdir/victim" "$2" -type f 2>/dev/null || :)"
}

for place in sticky open; do
    other mkdir "$tmpdir/$place/theirs"
    unusable 'belongs to another user' "$tmpdir/$place/theirs"
    # Where it leads to would do.
    other ln -s "$tmpdir/victim" "$tmpdir/$place/link"
    unusable 'the link link is not followed' "$tmpdir/$place/link"
    unusable 'the link link is not followed' "$tmpdir/$place/link/"
    unusable 'the link link is not followed' "$tmpdir/$place/link/state"
    expect_not test -e "$tmpdir/victim/state"
done
mkdir -p "$tmpdir/open/ours/state" "$tmpdir/sticky/ours"
unusable 'in the place of .*, because they can write to .*/open' \
    "$tmpdir/open/ours"
unusable 'in the place of .*, because they can write to .*/open' \
    "$tmpdir/open/ours/state"
unusable 'in the place of .*/new, because they can write to .*/open' \
    "$tmpdir/open/new/state"
expect_not test -e "$tmpdir/open/new"
# Unless they cannot get there.
mkdir -m 0700 "$tmpdir/closed"
mkdir "$tmpdir/closed/open"
chmod 0777 "$tmpdir/closed/open"

# The sticky bit keeps what is ours; a link of ours leads to it.
ln -s ours/state "$tmpdir/sticky/ours-too"
for dir in sticky/{new/state,ours,ours-too/below} closed/open/state; do
    mkdir -p "$tmpdir/sticky/ours/state"
    for expected in 1 0; do
        run_expecting 0 v2v-nbdkit-launch --resume \
            --state-dir "$tmpdir/$dir" -os "$tmpdir/out" -on guest \
            "$tmpdir/disk"
        expect_no_stderr 'warning|error'
        expect test "$(grep -c Copying "$err" || :)" = $expected
    done
    rm "$tmpdir/out/guest-sda"
done
