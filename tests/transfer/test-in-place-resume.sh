#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place --resume brings the conversion to its end, whatever happened
# before: nothing, an interruption, or the end itself.
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
command=(v2v-nbdkit-launch --in-place --resume --retries 0
         --convert "$convert" "$tmpdir/a" "$nbdkit_uri")

run_expecting 6:write:false:true "${command[@]}"
rm "$tmpdir/trigger"
run_expecting 0 "${command[@]}"
expect_same "$tmpdir/expected-a" "$tmpdir/a"
expect_same "$tmpdir/expected-b" "$tmpdir/b"

# It has finished.
run_expecting 0 "${command[@]}" --check
expect_stdout '^ok +resume: Nothing to do'
SECONDS=0
for i in 1 2; do
    run_expecting 0 "${command[@]}"
    expect grep -q 'Nothing to do' "$err"
    expect grep -q '"changed":false' "$result_file"
done
expect_seconds 3
expect test "$(wc -l <"$tmpdir/converted")" = 1
expect_same "$tmpdir/expected-a" "$tmpdir/a"

# One of the disks was written to since.
qemu-io -f raw -c 'write -P 3 3M 64k' "$tmpdir/b" >/dev/null
remember "$tmpdir/a" "$tmpdir/b"
for check in --check ''; do
    run_expecting 1:target-changed:false "${command[@]}" $check
    expect_error 'written to since'
done
expect_untouched
dd if="$tmpdir/expected-b" of="$tmpdir/b" bs=64k skip=48 seek=48 count=1 \
    conv=notrunc status=none
touch "$tmpdir/a"
remember "$tmpdir/a" "$tmpdir/b"
run_expecting 1:target-changed:false "${command[@]}"
expect_untouched
expect test "$(wc -l <"$tmpdir/converted")" = 1

# Another command is another run; without --resume the same one is, too.
run_expecting 0 v2v-nbdkit-launch --in-place --resume \
    --convert "echo x >>'$tmpdir/converted'" "$tmpdir/a" "$nbdkit_uri"
run_expecting 0 v2v-nbdkit-launch --in-place \
    --convert "echo x >>'$tmpdir/converted'" "$tmpdir/a" "$nbdkit_uri"
expect test "$(wc -l <"$tmpdir/converted")" = 3

# Without a state directory nothing is known of earlier runs.
run_expecting 1:write:false v2v-nbdkit-launch --in-place --resume \
    --convert true --state-dir "$tmpdir/a/state" "$tmpdir/a"
expect_error 'state directory'

# After a copy of changed extents.
echo '[{"start":0,"length":512}]' >"$tmpdir/extents"
cp "$tmpdir/b" "$tmpdir/source"
qemu-io -f raw -c 'write -P 4 0 1k' "$tmpdir/source" >/dev/null
delta=(v2v-nbdkit-launch --resume --retries 0 -o nbd -oo uri="$nbdkit_uri"
       --changed-extents "$tmpdir/extents" --convert
       "touch '$tmpdir/trigger'
        qemu-io -f raw -c 'write -P 5 2M 64k' \"\$V2V_OVERLAY_URI_0\""
       "$tmpdir/source")
run_expecting 6:write:false:true "${delta[@]}"
rm "$tmpdir/trigger"
# Other extents would be copied over what was converted.
echo '[{"start":0,"length":1024}]' >"$tmpdir/extents"
remember "$tmpdir/b"
run_expecting 1:target-changed:false "${delta[@]}"
expect_error 'other extents'
expect_untouched
echo '[{"start":0,"length":512}]' >"$tmpdir/extents"
run_expecting 0 "${delta[@]}"
run_expecting 0 "${delta[@]}"
expect grep -q 'Nothing to do' "$err"
expect test ! -e "$tmpdir/trigger"
qemu-io -f raw -c 'write -P 5 2M 64k' -c 'write -P 4 0 512' \
    "$tmpdir/expected-b" >/dev/null
expect_same "$tmpdir/expected-b" "$tmpdir/b"
expect_nothing_left
