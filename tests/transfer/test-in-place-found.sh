#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: what an interrupted run has left is found through each of its
# disks, whatever the disk is called then, and whatever TMPDIR and --overlay-dir
# say.
. ./functions.sh

requires_plugin file
requires_filter error
requires_program qemu-io
mkdir "$tmpdir/dir" "$tmpdir/other" "$tmpdir/overlays"
make_disk "$tmpdir/dir/a" 4M
make_disk "$tmpdir/b" 4M
for disk in dir/a b; do
    cp "$tmpdir/$disk" "$tmpdir/expected-${disk##*/}"
    qemu-io -f raw -c 'write -P 7 1M 1M' "$tmpdir/expected-${disk##*/}" \
        >/dev/null
done
start_nbdkit bad --filter=error file "$tmpdir/b" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="echo x >>'$tmpdir/converted'
for uri in \"\$V2V_OVERLAY_URI_0\" \"\$V2V_OVERLAY_URI_1\"; do
    qemu-io -f raw -c 'write -P 7 1M 1M' \"\$uri\" || exit 1
done
touch '$tmpdir/trigger'"
command=(v2v-nbdkit-launch --in-place --retries 0 --convert "$convert")

run_expecting 6:write:false:true "${command[@]}" --overlay-dir \
    "$tmpdir/overlays" "$tmpdir/dir/a" "$nbdkit_uri"
expect_hint 'run the same command again'
remember "$tmpdir/dir/a" "$tmpdir/b" "$tmpdir"/overlays/v2v.*/*.qcow2
ln -s "$tmpdir/dir/a" "$tmpdir/link"
ln "$tmpdir/dir/a" "$tmpdir/other/hard link"

# Nothing else is done with the disks.
export TMPDIR=$tmpdir/other
out_of ()
{
    run_expecting 1:target-busy:false "$@"
    expect_error 'incomplete'
}
out_of v2v-nbdkit-launch -o null "$tmpdir/dir/a"
out_of v2v-nbdkit-launch -o null "$tmpdir/link"
out_of v2v-nbdkit-launch -o null "$tmpdir/other/hard link"
out_of v2v-nbdkit-launch -o null "$nbdkit_uri"
out_of v2v-nbdkit-launch -o null "nbd+unix://?socket=$nbdkit_socket"
out_of v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" "$tmpdir/expected-b"
out_of v2v-nbdkit-launch -o device -oo path="$tmpdir/link" \
    "$tmpdir/expected-a"
out_of v2v-nbdkit-launch --check "$tmpdir/other/hard link"
out_of v2v-nbdkit-launch --run 'touch converted' "$tmpdir/other/hard link"
for disks in "$tmpdir/dir/a" "$tmpdir/other/hard link" "$nbdkit_uri"; do
    run_expecting 1:target-busy:false "${command[@]}" "$disks"
    expect_error 'must be completed first'
done
run_expecting 1:target-busy:false "${command[@]}" "$nbdkit_uri" "$tmpdir/dir/a"
expect_error 'must be completed first'
expect_untouched

# Other files are not concerned.
run_expecting 0 v2v-nbdkit-launch -o null "$tmpdir/expected-a"
run_expecting 0 v2v-nbdkit-launch --in-place --check --convert "$convert" \
    "$tmpdir/dir/a" "$nbdkit_uri"
expect grep -q 'would only finish' "$out"
expect_untouched

# The file has been moved away from the record beside it.
mv "$tmpdir/dir/a" "$tmpdir/other/a"
rm "$tmpdir/link" "$tmpdir/other/hard link"
out_of v2v-nbdkit-launch -o null "$tmpdir/other/a"
rm "$tmpdir/trigger"
run_expecting 0 "${command[@]}" --overlay-dir "$tmpdir/tmp" \
    "$tmpdir/other/a" "$nbdkit_uri"
expect_same "$tmpdir/expected-a" "$tmpdir/other/a"
expect_same "$tmpdir/expected-b" "$tmpdir/b"
expect test "$(wc -l <"$tmpdir/converted")" = 1
expect test "$(find "$tmpdir" -name '*in-place*')" = ''
expect test "$(ls -A "$tmpdir/overlays")" = ''

# With another state directory it is found through the file.
run_expecting 6 "${command[@]}" "$tmpdir/other/a" "$nbdkit_uri"
state=("${command[@]}" --state-dir "$tmpdir/state 2")
rm "$tmpdir/trigger"
run_expecting 0 "${state[@]}" "$tmpdir/other/a" "$nbdkit_uri"
expect test "$(wc -l <"$tmpdir/converted")" = 2
# What is left in the first one says nothing, and is removed.
run_expecting 0 v2v-nbdkit-launch -o null "$nbdkit_uri"
run_expecting 0 v2v-nbdkit-launch --in-place --convert true "$nbdkit_uri"
expect test "$(find "$tmpdir" -name '*in-place*')" = ''
export TMPDIR=$tmpdir/tmp
expect_nothing_left
