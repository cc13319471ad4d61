#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: a command that fails, or a disk that cannot be written, leaves
# every disk as it was.
. ./functions.sh

requires_plugin file
requires_program qemu-io qemu-img
make_disk "$tmpdir/a" 4M
make_disk "$tmpdir/b" 4M
qemu-img convert -O qcow2 "$tmpdir/a" "$tmpdir/c"
qemu-img convert -O vmdk "$tmpdir/a" "$tmpdir/d"
remember "$tmpdir/a" "$tmpdir/b" "$tmpdir/c" "$tmpdir/d"
write='qemu-io -c "write -P 7 0 64k" "$V2V_OVERLAY_1"'

run_expecting 5:convert:false v2v-nbdkit-launch --in-place \
    --convert "$write; false" "$tmpdir/a" "$tmpdir/b" "$tmpdir/c"
expect_error 'exited with status 1'
expect_untouched
run_expecting 5:convert:false v2v-nbdkit-launch --in-place \
    --convert "$write; kill -9 \$\$" "$tmpdir/a" "$tmpdir/b"
expect_untouched
run_expecting 5:convert:false v2v-nbdkit-launch --in-place \
    --convert "$write; qemu-img resize -q \$V2V_OVERLAY_1 +1M" \
    "$tmpdir/a" "$tmpdir/b"
expect_error 'changed the size'
expect_untouched
run_expecting 1:unsupported:false v2v-nbdkit-launch --in-place \
    --convert "$write" "$tmpdir/a" "$tmpdir/d"
expect_error 'vmdk'
start_nbdkit readonly -r file "$tmpdir/b"
run_expecting 1:write:false v2v-nbdkit-launch --in-place --convert "$write" \
    "$tmpdir/a" "$nbdkit_uri"
expect_error 'read-only'
start_nbdkit http memory 1M
run_expecting 1:unsupported:false v2v-nbdkit-launch --in-place \
    --convert "$write" -i nbdkit memory 1M
expect_error 'in place'
run_expecting 2:usage:false v2v-nbdkit-launch --in-place "$tmpdir/a"
run_expecting 2:usage:false v2v-nbdkit-launch --in-place --convert true \
    -o null "$tmpdir/a"
# Another run has locked the disk.
run_in_background v2v-nbdkit-launch --in-place \
    --convert "touch '$tmpdir/reached'; sleep 1000" "$tmpdir/a"
wait_for test -e "$tmpdir/reached"
ln "$tmpdir/a" "$tmpdir/hard"
out=$tmpdir/out2 err=$tmpdir/err2 \
    run_expecting 1:target-busy:true v2v-nbdkit-launch --in-place \
    --convert true "$tmpdir/hard"
expect grep -q 'another run' "$tmpdir/err2"
kill "$tool_pid"
wait_expecting 143:interrupted:true
run_expecting 2:usage:false v2v-nbdkit-launch --in-place --convert true \
    "$tmpdir/a" "$tmpdir/hard"
expect_error 'same disk'
expect_untouched
expect_nothing_left
expect test -z "$(find "$tmpdir" -name '*in-place*')"
