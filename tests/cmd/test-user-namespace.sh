#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# In a user namespace (rootless containers) root's files look as if they were
# those of any other user of the host: their links are not taken for root's.
. ./functions.sh

requires_other_user
requires_plugin file
requires_program unshare
# In one of ours other users cannot get at what the tests use.
top=$(mktemp -d /var/tmp/v2v-ns.XXXXXX)
remove_top () { rm -rf "$top"; }
cleanup_fn remove_top
chmod 755 "$top" "$tmpdir"
mkdir "$top/shared" "$top/home"
chmod 1777 "$top/shared"
chown 12346 "$top/home"
cd "$top"

rootless=(setpriv --reuid 12346 --regid 12346 --clear-groups
          env "HOME=$top/home" "TMPDIR=/var/tmp" unshare --user
          --map-root-user)
requires "${rootless[@]}" test -x "$tool_program"
run () { "${rootless[@]}" "${tool[@]}" -q -o null "$top/home/disk" "$@" 2>"$top/err"; }

truncate -s 1M home/disk
echo precious >home/conf
mkdir home/dir
chown 12346 home/*
other ln -s "$top/home/conf" shared/file
other ln -s "$top/home/dir" shared/dir
for option in --log --result-file --report; do
    for path in shared/file shared/dir/new "$top/shared/file"; do
        expect_not run $option "$path"
        expect grep -q 'is not followed, because another user' err
    done
done
expect_not "${rootless[@]}" "${tool[@]}" -q -os shared/dir -on guest home/disk
expect test "$(cat home/conf)" = precious
expect test -z "$(ls home/dir)"

# Directories of another user's in a shared one are theirs.
other mkdir -m 1777 shared/theirs
other chmod 1777 shared/theirs
expect_not run --convert true --overlay-dir shared/theirs

# What is root's, and ours, works: /tmp and /var/tmp, links of /, /dev and /var.
expect run --convert true --overlay-dir /var/tmp
touch out
chown 12346 out
for path in home/r /dev/null /dev/fd/1 /dev/stdout \
    "$top/shared/r"; do
    expect run --result-file "$path" >"$top/out"
done
expect test -s home/r -a -s shared/r
