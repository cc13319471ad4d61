#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device and -o nbd: the journal is in the state directory.
. ./functions.sh

requires_plugin file
requires_filter rate
truncate -s 150M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 157286400
truncate -s 150M "$tmpdir/target" "$tmpdir/behind"
start_nbdkit target file "$tmpdir/behind"
for target in "-o device -oo path=$tmpdir/target" \
              "-o nbd -oo uri=$nbdkit_uri"; do
    read -ra copy <<<"v2v-nbdkit-launch $target $tmpdir/disk"
    run_in_background "${copy[@]}" --bandwidth 200M
    wait_for sh -c "ls '$state_dir'/*.journal"
    kill -KILL "$tool_pid"
    wait_expecting 137
    expect_nothing_left
    run_expecting 1:target-busy:false:true "${copy[@]}"
    expect_error 'journal'
    run_expecting 0 "${copy[@]}" --resume --verify --checksum \
        --result-file "$tmpdir/result"
    # Only the second run computed digests.
    expect test "$(jq '.disks[0].verified' "$tmpdir/result")" = true
    expect test -z "$(find "$state_dir" -type f ! -name '*.finished')"
    expect_nothing_left
done
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_same "$tmpdir/disk" "$tmpdir/behind"

# What is promised of the target holds for a new copy only.
truncate -s 0 "$tmpdir/disk" "$tmpdir/target"
truncate -s 192M "$tmpdir/disk" "$tmpdir/target"
write_random "$tmpdir/disk" 0 1000000
write_random "$tmpdir/disk" $((64 << 20)) $((12 << 20))
write_random "$tmpdir/disk" $((128 << 20)) $((12 << 20))
copy=(v2v-nbdkit-launch -o device -oo path="$tmpdir/target" -oo zero=skip
      "$tmpdir/disk")
run_in_background "${copy[@]}" --bandwidth 4M --connections 1 \
    --request-size 256k
wait_for sh -c "ls '$state_dir'/*.journal"
kill -KILL "$tool_pid"
wait_expecting 137
write_random "$tmpdir/target" $((160 << 20)) 1000000
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_nothing_left
