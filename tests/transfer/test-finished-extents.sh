#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume with --changed-extents: the same list of the same source is copied
# once; another one is another run; and nothing is copied over a target whose
# copy is incomplete.
. ./functions.sh

requires_plugin file
requires_filter rate
requires_program jq
result=$tmpdir/result
truncate -s 150M "$tmpdir/disk" "$tmpdir/target"
write_random "$tmpdir/disk" 0 157286400
copy=(v2v-nbdkit-launch --result-file "$result" --resume -o device
      -oo path="$tmpdir/target" "$tmpdir/disk")
delta=("${copy[@]}" --changed-extents "$tmpdir/extents")
changed () { jq .changed "$result"; }
extents () { printf '[{"start":%s,"length":%s}]' "$@" >"$tmpdir/extents"; }

# The whole copy is interrupted.
extents 0 65536
run_in_background "${copy[@]}" --bandwidth 150M
wait_for sh -c "ls '$state_dir'/*.journal"
kill -KILL "$tool_pid"
wait_expecting 137
for how in --resume -q; do
    run_expecting 1 "${delta[@]/--resume/$how}"
    expect_error 'an interrupted copy .* can be resumed'
    expect test "$(jq -c '[.reason, .retryable, .resumable]' "$result")" = \
        '["target-busy",false,true]'
done
run_expecting 0 "${copy[@]}"
expect_same "$tmpdir/disk" "$tmpdir/target"

# Deltas, as a warm migration calls: each with a source that has changed.
for start in 65536 1048576; do
    write_random "$tmpdir/disk" $start 1000
    extents $start 65536
    for expected in true false; do
        run_expecting 0 "${delta[@]}"
        expect test "$(changed)" = $expected
    done
    expect_same "$tmpdir/disk" "$tmpdir/target"
done
# The same list of a source that has changed again.
write_random "$tmpdir/disk" $start 1000
run_expecting 0 "${delta[@]}"
expect test "$(changed)" = true
expect_same "$tmpdir/disk" "$tmpdir/target"
# A list whose ranges only have other lengths.
printf '[{"start":%s,"length":131072}]' $start >"$tmpdir/extents"
run_expecting 0 "${delta[@]}"
expect test "$(changed)" = true
# Without --resume it is copied again.
run_expecting 0 "${delta[@]/--resume/-q}"
expect test "$(changed)" = true
# An empty list is nothing to write.
echo '[]' >"$tmpdir/extents"
run_expecting 0 "${delta[@]}"
expect test "$(changed)" = false

# The whole copy is not done again over a target that is newer.
run_expecting 4 "${copy[@]}"
expect_error 'has already finished, and is not repeated: .*changed extents'

# The target of a delta is another one now.
extents 0 65536
run_expecting 0 "${delta[@]}"
write_random "$tmpdir/target" 100 1
run_expecting 1 "${delta[@]}"
expect_error 'target has changed since then'

# After the last delta, with the conversion, neither a delta nor the whole
# copy goes over what was converted.
requires_program qemu-io
run_expecting 0 "${delta[@]/--resume/-q}" --convert \
    'qemu-io -f qcow2 -c "write -P 7 8M 4k" "$overlay"'
cp "$tmpdir/target" "$tmpdir/converted"
extents 1048576 65536
for extents in '' "--changed-extents=$tmpdir/extents"; do
    run_expecting 1 "${copy[@]}" $extents
    expect_error 'has been converted in place since then'
    expect test "$(jq -r .reason "$result")" = target-changed
done
expect_same "$tmpdir/converted" "$tmpdir/target"
expect_nothing_left
