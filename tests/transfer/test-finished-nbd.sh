#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a finished copy from one NBD export to another: some blocks of
# both are read again.
. ./functions.sh

requires_plugin file
requires_plugin nbd
requires_program jq
result=$tmpdir/result
truncate -s 16M "$tmpdir/source" "$tmpdir/target"
write_random "$tmpdir/source" 0 1048576
start_nbdkit source file "$tmpdir/source"
source=$nbdkit_uri
start_nbdkit target file "$tmpdir/target"
target=$nbdkit_uri
copy=(v2v-nbdkit-launch --result-file "$result" --resume -o nbd
      -oo uri="$target" "$source")
changed () { jq .changed "$result"; }

for expected in true false false; do
    run_expecting 0 "${copy[@]}"
    expect test "$(changed)" = $expected
done
expect_same "$tmpdir/source" "$tmpdir/target"

# The first and the last block are always among those that are compared.
for offset in 70 16777000; do
    write_random "$tmpdir/target" $offset 8
    remember "$tmpdir/target"
    run_expecting 1 "${copy[@]}"
    expect_error 'has been written to'
    expect test "$(jq -r .reason "$result")" = target-changed
    expect_untouched
    run_expecting 0 "${copy[@]/--resume/-q}"
    write_random "$tmpdir/source" $offset 8
    remember "$tmpdir/target"
    run_expecting 4 "${copy[@]}"
    expect_error 'content of disk sda has changed'
    expect test "$(jq -r .reason "$result")" = source-changed
    expect_untouched
    run_expecting 0 "${copy[@]/--resume/-q}"
done
run_expecting 0 "${copy[@]}"
expect test "$(changed)" = false

# A target that was converted since is not overwritten, even where no block
# that is compared was written.
requires_program qemu-io
run_expecting 0 v2v-nbdkit-launch --in-place --convert \
    'qemu-io -f qcow2 -c "write -P 7 8M 4k" "$overlay"' "$target"
cp "$tmpdir/target" "$tmpdir/converted"
run_expecting 1 "${copy[@]}"
expect_error 'has been converted in place since then'
expect test "$(jq -r .reason "$result")" = target-changed
expect_same "$tmpdir/converted" "$tmpdir/target"
run_expecting 0 "${copy[@]/--resume/-q}"
expect_same "$tmpdir/source" "$tmpdir/target"

# The server is started again, with a new socket.
stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/target.pid"
start_nbdkit target file "$tmpdir/target"
run_expecting 0 "${copy[@]}"
expect test "$(changed)" = false

# A target that cannot be reached is no reason to say that all is done.
stop_pid "$nbdkit_pid"
run_expecting 1 "${copy[@]}"
expect test "$(jq -r .reason "$result")" = unreachable
expect_nothing_left
