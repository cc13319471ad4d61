#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The qemu-nbd of an overlay is killed while COMMAND writes to it, and COMMAND
# does not care: status 5, because what it wrote may be lost.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 4M
remember "$tmpdir/disk"
mkdir "$tmpdir/out"
cat >"$tmpdir/convert" <<'END'
qemu-io -f raw -c "write -P 7 0 64k" "$V2V_OVERLAY_URI_1"
for pid in $(pgrep -x qemu-nbd); do
    if grep -qzxF "V2VDIR=$V2VDIR" "/proc/$pid/environ"; then
        kill -KILL $pid
    fi
done
qemu-io -f raw -c "write -P 7 64k 64k" "$V2V_OVERLAY_URI_1" || :
exit 0
END
run_expecting 5 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest --convert "sh '$tmpdir/convert' >'$tmpdir/logs/convert' 2>&1" \
    "$tmpdir/disk" "$tmpdir/disk"
expect grep -q 'wrote 65536' "$tmpdir/logs/convert"
expect_error 'qemu-nbd was killed by signal 9'
expect test -z "$(ls -A "$tmpdir/out")"
expect_untouched
expect_nothing_left

# So is the one that COMMAND reads a remote source through, from the overlay's
# file: what it could not read it may have taken for something else.
start_nbdkit remote --readonly file "$tmpdir/disk"
cat >"$tmpdir/convert" <<'END'
qemu-io -f qcow2 -c "read 0 64k" "$V2V_OVERLAY_0"
for pid in $(pgrep -x qemu-nbd); do
    if grep -qzxF "V2VDIR=$V2VDIR" "/proc/$pid/environ"; then
        kill -KILL $pid
    fi
done
exit 0
END
run_expecting 5 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -on guest --convert "sh '$tmpdir/convert' >'$tmpdir/logs/convert' 2>&1" \
    "$nbdkit_uri"
expect grep -q 'read 65536' "$tmpdir/logs/convert"
expect_error 'qemu-nbd was killed by signal 9'
expect test -z "$(ls -A "$tmpdir/out")"
expect_nothing_left
