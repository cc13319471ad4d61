#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Where other users could put a directory of theirs in the place of a private
# one, root makes none, neither for overlays nor for secrets; a plain user is
# warned.
. ./functions.sh

requires_other_user
requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/open" "$tmpdir/theirs" "$tmpdir/closed" "$tmpdir/out"
chown 12345 "$tmpdir/theirs"
chmod 0777 "$tmpdir/open"
mkdir "$tmpdir/open/below"

# refused WHERE DIR
refused ()
{
    run_expecting 1:internal:false v2v-nbdkit-launch --overlay-dir "$2" \
        -o null --convert "touch '$tmpdir/converted'" "$tmpdir/disk"
    expect_error "$2 is not safe for private files.* can write to $1\$"
    run_expecting 1:internal:false env TMPDIR="$2" "${tool[@]}" \
        --run "touch '$tmpdir/converted'" "$tmpdir/disk"
    expect_error "$2 is not safe for private files.* can write to $1\$"
    expect_not test -e "$tmpdir/converted"
    expect test -z "$(find "$2" -name 'v2v.*')"
}

refused "$tmpdir/open" "$tmpdir/open"
expect_stderr '^hint: .*chmod \+t'
refused "$tmpdir/open" "$tmpdir/open/below"
refused "$tmpdir/theirs" "$tmpdir/theirs"
expect_stderr '^hint: name another directory'
other ln -s "$tmpdir/closed" "$tmpdir/open/link"
run_expecting 1:internal:false v2v-nbdkit-launch \
    --overlay-dir "$tmpdir/open/link" -o null --convert true "$tmpdir/disk"
expect_error 'the link link is not followed'

# With the sticky bit, or where others cannot get, all is well; our own link
# leads there.
chmod 1777 "$tmpdir/open"
chmod 0700 "$tmpdir/closed"
mkdir "$tmpdir/closed/open"
chmod 0777 "$tmpdir/closed/open"
ln -s "$tmpdir/open" "$tmpdir/closed/link"
for dir in "$tmpdir/open" "$tmpdir/closed/open" "$tmpdir/closed/link"; do
    TMPDIR=$dir run_expecting 0 v2v-nbdkit-launch -o null --convert true \
        "$tmpdir/disk"
    expect_no_stderr 'warning|error'
done

# A plain user cannot do anything about the volume of a container.
chmod 0777 "$tmpdir/open"
chmod 1777 "$tmpdir/out"
chmod 0644 "$tmpdir/disk"
as_other=(setpriv --reuid=12345 --regid=12345 --clear-groups)
for command in '-o null --convert' --run; do
    # shellcheck disable=SC2086
    run_expecting 0 "${as_other[@]}" env "$tool_mark" HOME="$tmpdir/open" \
        TMPDIR="$tmpdir/open" "$tool_program" --state-dir "$tmpdir/out/state" \
        --result-file "$tmpdir/out/result" $command true \
        "$tmpdir/disk"
    expect_stderr "warning: other users could put .*/open/v2v\..* can write to"
done
expect_nothing_left
