#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: the disks of an interrupted run are in a directory that was moved,
# or the one with the record that decides is not there: then nothing is done,
# and nothing is removed.
. ./functions.sh

requires_plugin file
requires_filter error
requires_program qemu-io
mkdir "$tmpdir/one" "$tmpdir/two"
make_disk "$tmpdir/one/a" 4M
make_disk "$tmpdir/two/b" 4M
make_disk "$tmpdir/c" 4M
for disk in one/a two/b c; do
    cp "$tmpdir/$disk" "$tmpdir/expected-${disk##*/}"
    qemu-io -f raw -c 'write -P 7 1M 1M' "$tmpdir/expected-${disk##*/}" \
        >/dev/null
done
start_nbdkit bad --filter=error file "$tmpdir/c" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="i=0; while [ \$i -lt 3 ]; do
    eval \"uri=\\\$V2V_OVERLAY_URI_\$i\"
    qemu-io -f raw -c 'write -P 7 1M 1M' \"\$uri\" || exit 1
    i=\$((i + 1))
done
touch '$tmpdir/trigger'"
command=(v2v-nbdkit-launch --in-place --retries 0 --convert "$convert")
run_expecting 6 "${command[@]}" "$tmpdir/one/a" "$tmpdir/two/b" "$nbdkit_uri"
rm "$tmpdir/trigger"

# The directory of the first disk is gone: is the second one complete?
mv "$tmpdir/one" "$tmpdir/moved"
remember "$tmpdir/two/b" "$tmpdir/two/b.v2v-in-place"
run_expecting 1:target-busy:false v2v-nbdkit-launch -o null "$tmpdir/two/b"
expect_error 'cannot be reached'
run_expecting 1:target-busy:false v2v-nbdkit-launch --in-place --convert true \
    "$tmpdir/two/b"
expect_error 'cannot be reached'
# Another file system is mounted there.
mkdir "$tmpdir/one"
run_expecting 1:target-busy:false v2v-nbdkit-launch --in-place --convert true \
    "$tmpdir/two/b"
expect_error 'cannot be reached'
expect_untouched
expect test -e "$tmpdir"/tmp/v2v.*/sda.qcow2

# A copy of a disk is another disk, even with a copy of the record beside it.
cp -r "$tmpdir/moved" "$tmpdir/copy"
run_expecting 1:target-changed:false "${command[@]}" "$tmpdir/copy/a" \
    "$tmpdir/two/b" "$nbdkit_uri"
expect_untouched

# It is finished, and another command is interrupted: its records are where the
# disks are now.
another=(v2v-nbdkit-launch --in-place --retries 0 --convert "$convert # again"
         "$tmpdir/moved/a" "$tmpdir/two/b" "$nbdkit_uri")
run_expecting 6 "${another[@]}"
expect test "$(ls -A "$tmpdir/one")" = ''
expect test -e "$tmpdir/moved/a.v2v-in-place"
rm "$tmpdir/trigger"
run_expecting 0 "${another[@]}"
for disk in moved/a two/b c; do
    expect_same "$tmpdir/expected-${disk##*/}" "$tmpdir/$disk"
done
rm -r "$tmpdir/copy"
expect test "$(find "$tmpdir" -name '*in-place*')" = ''
expect_nothing_left
