#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: what an interrupted run has left is not applied to another device
# that has the name or the number now, but to the same one under another name.
. ./functions.sh

requires_plugin file
requires_filter error
requires_program qemu-io
for disk in a b another; do
    make_disk "$tmpdir/$disk" 4M
    cp "$tmpdir/$disk" "$tmpdir/expected-$disk"
    qemu-io -f raw -c 'write -P 7 1M 1M' "$tmpdir/expected-$disk" >/dev/null
done
make_own_loop "$tmpdir/a"
device=$loop_device
make_own_loop "$tmpdir/another"
start_nbdkit bad --filter=error file "$tmpdir/b" \
    error-pwrite-rate=100% error-file="$tmpdir/trigger" error=EIO
convert="touch '$tmpdir/trigger'
for uri in \"\$V2V_OVERLAY_URI_0\" \"\$V2V_OVERLAY_URI_1\"; do
    qemu-io -f raw -c 'write -P 7 1M 1M' \"\$uri\" || exit 1
done"
command=(v2v-nbdkit-launch --in-place --retries 0 --convert "$convert")

# interrupt: leave the record of a run with the device, as $tmpdir/lv.
interrupt ()
{
    ln -sfn "$device" "$tmpdir/lv"
    run_expecting 6 "${command[@]}" "$tmpdir/lv" "$nbdkit_uri"
    rm "$tmpdir/trigger"
}

# refused SOURCE: nothing is written, and nothing is removed.
refused ()
{
    remember "$tmpdir/a" "$tmpdir/b" "$tmpdir/another" \
        "$tmpdir"/tmp/v2v.*/*.qcow2 "$tmpdir"/state/*.in-place
    run_expecting "$1" "${command[@]}" "$2" "$nbdkit_uri"
    expect_untouched
}

# The name leads to another device; the device has another name.
interrupt
ln -sfn "$loop_device" "$tmpdir/lv"
refused 1:target-changed:false "$tmpdir/lv"
run_expecting 1:target-changed:false v2v-nbdkit-launch -o null "$tmpdir/lv"
run_expecting 1:target-changed:false v2v-nbdkit-launch -o device \
    -oo path="$tmpdir/lv" "$tmpdir/b"
expect_untouched
run_expecting 1:target-busy:false v2v-nbdkit-launch -o null "$device"
TMPDIR=$tmpdir/home run_expecting 0 "${command[@]}" "$device" "$nbdkit_uri"
cmp "$tmpdir/expected-a" "$device"
expect_same "$tmpdir/expected-b" "$tmpdir/b"
expect_nothing_left

# Another device has the number.
interrupt
losetup --detach "$loop_device"
losetup --detach "$device"
wait_for losetup "$device" "$tmpdir/another"
refused 1:target-changed:false "$tmpdir/lv"
refused 1:target-busy:false "$device"
expect cmp "$tmpdir/another" "$device"

# It is the same disk again, with another number.
losetup --detach "$device"
wait_for losetup "$loop_device" "$tmpdir/a"
run_expecting 1:target-busy:false v2v-nbdkit-launch -o null "$loop_device"
run_expecting 0 "${command[@]}" "$loop_device" "$nbdkit_uri"
cmp "$tmpdir/expected-a" "$loop_device"
expect_nothing_left
losetup "$device" "$tmpdir/another"
expect test "$(find "$tmpdir" -name '*in-place*')" = ''
