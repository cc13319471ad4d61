#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: what an interrupted run has left is not applied to another file,
# or another NBD export, that has the name now, or to one that was written to.
. ./functions.sh

requires_plugin file
requires_filter error
requires_program qemu-io
make_disk "$tmpdir/a" 4M
make_disk "$tmpdir/b" 4M
make_disk "$tmpdir/another" 4M
start_nbdkit bad --filter=error file "$tmpdir/b" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="touch '$tmpdir/trigger'
for uri in \"\$V2V_OVERLAY_URI_0\" \"\$V2V_OVERLAY_URI_1\"; do
    qemu-io -f raw -c 'write -P 7 1M 1M' \"\$uri\" || exit 1
done"
command=(v2v-nbdkit-launch --in-place --retries 0 --convert "$convert"
         "$tmpdir/a" "$nbdkit_uri")
run_expecting 6 "${command[@]}"
rm "$tmpdir/trigger"

# refused: the command writes nothing, and removes nothing.
refused ()
{
    remember "$tmpdir/a" "$tmpdir/b" "$tmpdir"/tmp/v2v.*/*.qcow2 \
        "$tmpdir/a.v2v-in-place"
    run_expecting 1:target-changed:false "${command[@]}"
    expect_hint 'remove'
    expect_untouched
}

mv "$tmpdir/a" "$tmpdir/the a"
cp "$tmpdir/another" "$tmpdir/a"
refused
expect_error 'another disk than'
run_expecting 1:target-changed:false v2v-nbdkit-launch -o null "$tmpdir/a"
run_expecting 1:target-changed:false v2v-nbdkit-launch --check "$tmpdir/a"
run_expecting 1:target-changed:false v2v-nbdkit-launch -o device \
    -oo path="$tmpdir/a" "$tmpdir/another"
expect_untouched
mv "$tmpdir/the a" "$tmpdir/a"

# Another export with the same name and size.
mv "$tmpdir/b" "$tmpdir/the b"
cp "$tmpdir/another" "$tmpdir/b"
stop_pid "$nbdkit_pid"
rm "$tmpdir/bad.pid" "$tmpdir/bad.sock"
start_nbdkit bad file "$tmpdir/b"
refused
expect_error 'is not the disk for which the record'
stop_pid "$nbdkit_pid"
rm "$tmpdir/bad.pid" "$tmpdir/bad.sock"
truncate -s 8M "$tmpdir/b"
start_nbdkit bad file "$tmpdir/b"
refused
stop_pid "$nbdkit_pid"
rm "$tmpdir/bad.pid" "$tmpdir/bad.sock"
mv "$tmpdir/the b" "$tmpdir/b"
start_nbdkit bad file "$tmpdir/b"

# Somebody has written to the disk since.
dd if="$tmpdir/a" of="$tmpdir/block" bs=64k skip=40 count=1 status=none
qemu-io -f raw -c 'write -P 1 2621440 512' "$tmpdir/a" >/dev/null
refused
expect_error 'was written to'
dd if="$tmpdir/block" of="$tmpdir/a" bs=64k seek=40 conv=notrunc status=none

# The overlay was written to, is another one, or is gone.
overlay=$(echo "$tmpdir"/tmp/v2v.*/sda.qcow2)
touch -r "$overlay" "$tmpdir/time"
touch "$overlay"
refused
expect_error 'was changed'
touch -r "$tmpdir/time" "$overlay"
cp "$overlay" "$tmpdir/overlay"
mv "$overlay" "$overlay.old"
cp "$tmpdir/overlay" "$overlay"
refused
expect_error 'was changed'
rm "$overlay"
refused
expect_error 'is gone'
mv "$overlay.old" "$overlay"

run_expecting 0 "${command[@]}"
expect_nothing_left
expect test "$(find "$tmpdir" -name '*in-place*')" = ''
