#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Links of ours, and those that only we can have made, lead to where the file
# is; in a directory that others can write to, too.  So do the links of /dev
# and /proc.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/shared" "$tmpdir/to" "$tmpdir/dir"
chmod 1777 "$tmpdir/shared"
ln -s ../to "$tmpdir/shared/dir"
ln -s "dir/.././to//r" "$tmpdir/shared/link"
ln -s "$tmpdir/shared/link" "$tmpdir/dir/r"
cd "$tmpdir/dir"
for option in --result-file --report --log; do
    for path in r ./r "$tmpdir/shared/link" ../shared/dir/r; do
        rm -f "$tmpdir/to/r"
        for _ in first second; do
            run_expecting 0 v2v-nbdkit-launch $option "$path" -o null \
                "$tmpdir/disk"
            expect test -s "$tmpdir/to/r"
            expect test -L "$tmpdir/shared/link"
            expect test -L r
        done
    done
done
expect test "$(ls "$tmpdir/to")" = r

# What leads back to itself.
ln -s b a
ln -s a b
run_expecting 1 v2v-nbdkit-launch --result-file a -o null "$tmpdir/disk"
expect_error 'a: Too many levels'
run_expecting 1 v2v-nbdkit-launch --log "$tmpdir/to/" -o null "$tmpdir/disk"
expect_error 'to/: Is a directory'

# A descriptor, by any of its names, is appended to.
ln -s /dev/fd/7 "$tmpdir/shared/seven"
for path in /dev/fd/7 /proc/self/fd/7 "$tmpdir/shared/seven"; do
    for option in --result-file --report --log --machine-readable=file:; do
        echo before >"$tmpdir/file"
        case $option in
            *:) set -- "$option$path" ;;
            *) set -- $option "$path" ;;
        esac
        v2v-nbdkit-launch -q "$@" -o null "$tmpdir/disk" 7>>"$tmpdir/file"
        expect test "$(head -n 1 "$tmpdir/file")" = before
        expect test "$(wc -l <"$tmpdir/file")" -gt 1
    done
done
v2v-nbdkit-launch -q --result-file >(cat >"$tmpdir/result") \
    --log >(cat >"$tmpdir/log") -o null "$tmpdir/disk"
wait_for grep -q '"type":"result"' "$tmpdir/result"
wait_for test -s "$tmpdir/log"
v2v-nbdkit-launch -q --result-file /dev/null --report /dev/null \
    --log /dev/null -o null "$tmpdir/disk"

# A log is not for everybody.
umask 022
v2v-nbdkit-launch -q --log "$tmpdir/log2" --result-file "$tmpdir/result2" \
    -o null "$tmpdir/disk"
expect test "$(stat -c %a "$tmpdir/log2")" = 600
expect test "$(stat -c %a "$tmpdir/result2")" = 644

# A group that we are in shares its directory with us.
requires_other_user
chown -h 12345 "$tmpdir/shared/link"
mkdir -m 0775 "$tmpdir/ours"
chmod 0775 "$tmpdir/ours"
mv "$tmpdir/shared/link" "$tmpdir/ours/link"
ln -s "$tmpdir/to" "$tmpdir/ours/dir"
run_expecting 0 v2v-nbdkit-launch --result-file "$tmpdir/ours/link" -o null \
    "$tmpdir/disk"
requires_program setfacl
setfacl -m u:12345:rwx "$tmpdir/ours"
run_expecting 1 v2v-nbdkit-launch --log "$tmpdir/ours/link" -o null \
    "$tmpdir/disk"
expect_error 'the link link is not followed'
