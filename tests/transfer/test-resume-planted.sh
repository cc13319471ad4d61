#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume takes nothing but what this user's run has left: regular files with
# one name, that others cannot write to, in a directory that is ours.
. ./functions.sh

requires_other_user
requires_plugin file
requires_filter rate
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 $((150 << 20))
mkdir "$tmpdir/out"
chmod 1777 "$tmpdir/out"
part=$tmpdir/out/guest.part
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest "$tmpdir/disk")
run_in_background "${copy[@]}" --bandwidth 250M
wait_for test -e "$part/journal"
kill -KILL "$tool_pid"
wait_expecting 137
expect_nothing_left
cp -a "$part/journal" "$tmpdir/journal"
remember "$part/sda" "$part/journal"

# The disk is known by its inode.
again ()
{
    rm -f "$part/journal" "$tmpdir/out/extra"
    cp -a "$tmpdir/journal" "$part/journal"
    chown 0 "$part" "$part/sda"
    chmod 700 "$part"
    chmod 600 "$part/sda"
}

# refused STATUS WHY
refused ()
{
    local before

    before=$(find "$part" -printf '%P %y %i %U %m %n %s\n' | sort)
    run_expecting "$1:target-changed:false" "${copy[@]}" --resume
    expect_error "$2"
    expect test "$(find "$part" -printf '%P %y %i %U %m %n %s\n' | sort)" = \
        "$before"
    expect test ! -e "$tmpdir/out/guest-sda"
    expect_nothing_left
    again
}

# All of it is another user's, and so might be altered at any time.
chown 12345 "$part"
refused 1 'guest.part belongs to another user'
chmod 770 "$part"
refused 1 'guest.part is writable by other users'

# The journal.
chown 12345 "$part/journal"
refused '[1-6]' 'journal belongs to another user'
chmod 622 "$part/journal"
refused '[1-6]' 'journal is writable by other users'
ln "$part/journal" "$tmpdir/out/extra"
refused '[1-6]' 'journal has several names'
mv "$part/journal" "$tmpdir/out/extra"
ln -s "$tmpdir/out/extra" "$part/journal"
refused '[1-6]' 'journal is not a regular file'
rm "$part/journal"
mkfifo -m 666 "$part/journal"
refused '[1-6]' 'journal is not a regular file'
# A run that does not resume waits for none, either.
rm "$part/journal"
mkfifo -m 666 "$part/journal"
run_expecting 1:target-changed:false "${copy[@]}"
again

# The disk.
chown 12345 "$part/sda"
refused 6 'sda belongs to another user'
chmod 606 "$part/sda"
refused 6 'sda is writable by other users'
ln "$part/sda" "$tmpdir/out/extra"
refused 6 'sda has several names'

# What was left is fine.
expect_untouched
run_expecting 0 "${copy[@]}" --resume --result-file "$tmpdir/result"
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect_nothing_left
