#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: if a disk fails while the changes are written, or is full, the
# same command completes it later; any other run refuses the disk until then.
. ./functions.sh

requires_plugin file
requires_filter error
requires_program qemu-io
make_disk "$tmpdir/a" 4M
make_disk "$tmpdir/b" 4M
for disk in a b; do
    cp "$tmpdir/$disk" "$tmpdir/expected-$disk"
    qemu-io -f raw -c 'write -P 7 1M 1M' "$tmpdir/expected-$disk" >/dev/null
done
start_nbdkit bad --filter=error file "$tmpdir/b" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="echo x >>'$tmpdir/converted'
for uri in \"\$V2V_OVERLAY_URI_0\" \"\$V2V_OVERLAY_URI_1\"; do
    qemu-io -f raw -c 'write -P 7 1M 1M' \"\$uri\" || exit 1
done
touch '$tmpdir/trigger'"
command=(v2v-nbdkit-launch --in-place --retries 0 --convert "$convert")
run_expecting 6:write:false:true "${command[@]}" "$tmpdir/a" "$nbdkit_uri"
expect_hint 'run the same command again'
expect test -e "$tmpdir/a.v2v-in-place"
run_expecting 1 v2v-nbdkit-launch -o null "$tmpdir/a"
expect_error 'incomplete'
run_expecting 1 v2v-nbdkit-launch --check "$tmpdir/a"
expect_error 'incomplete'

# With other disks, or in another order, the run cannot be completed.
run_expecting 1 "${command[@]}" "$tmpdir/a"
expect_hint 'same disks'
run_expecting 1 "${command[@]}" "$nbdkit_uri" "$tmpdir/a"
expect_hint 'same disks'
run_expecting 6 "${command[@]}" "$tmpdir/a" "$nbdkit_uri"
rm "$tmpdir/trigger"
# A record that another user may have written is refused.
chmod 666 "$tmpdir/a.v2v-in-place"
run_expecting 1:target-changed:false "${command[@]}" "$tmpdir/a" "$nbdkit_uri"
expect_error 'not a record written by this user'
chmod 644 "$tmpdir/a.v2v-in-place"
run_expecting 0 "${command[@]}" "$tmpdir/a" "$nbdkit_uri"
expect_same "$tmpdir/expected-a" "$tmpdir/a"
expect_same "$tmpdir/expected-b" "$tmpdir/b"
expect test "$(wc -l <"$tmpdir/converted")" = 1
expect_nothing_left
expect test "$(find "$tmpdir" -name '*in-place*')" = ''

# Another command: the interrupted run is completed first.
run_expecting 6 "${command[@]}" "$tmpdir/a" "$nbdkit_uri"
rm "$tmpdir/trigger"
run_expecting 0 v2v-nbdkit-launch --in-place --convert \
    'qemu-io -f raw -c "write -P 9 0 512" "$V2V_OVERLAY_URI_0"' \
    "$tmpdir/a" "$nbdkit_uri"
qemu-io -f raw -c 'write -P 9 0 512' "$tmpdir/expected-a" >/dev/null
expect_same "$tmpdir/expected-a" "$tmpdir/a"
expect_same "$tmpdir/expected-b" "$tmpdir/b"
expect_nothing_left

# After --changed-extents: only the same run can complete it.  Extents are not
# copied to a converted disk.
cp "$tmpdir/b" "$tmpdir/source"
echo '[{"start":0,"length":512}]' >"$tmpdir/extents"
delta=(v2v-nbdkit-launch --retries 0 -o nbd -oo uri="$nbdkit_uri"
       --changed-extents "$tmpdir/extents" "$tmpdir/source")
convert="touch '$tmpdir/trigger'
    qemu-io -f raw -c 'write -P 5 2M 1M' \"\$V2V_OVERLAY_URI_0\""
run_expecting 6 "${delta[@]}" --convert "$convert"
cp "$tmpdir/b" "$tmpdir/half"
run_expecting 1 "${delta[@]}"
expect_error 'incomplete'
run_expecting 1 v2v-nbdkit-launch -o null "$nbdkit_uri"
expect_error 'incomplete'
run_expecting 1 "${delta[@]}" --convert true
expect_error 'must not be copied over'
echo '[{"start":512,"length":512}]' >"$tmpdir/extents"
run_expecting 1 "${delta[@]}" --convert "$convert"
expect_error 'must not be copied over'
echo '[{"start":0,"length":512}]' >"$tmpdir/extents"
expect_same "$tmpdir/half" "$tmpdir/b"
rm "$tmpdir/trigger"
run_expecting 0 "${delta[@]}" --convert "$convert"
qemu-io -f raw -c 'write -P 5 2M 1M' "$tmpdir/expected-b" >/dev/null
expect_same "$tmpdir/expected-b" "$tmpdir/b"
expect_nothing_left
