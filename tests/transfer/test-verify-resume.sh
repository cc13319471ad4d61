#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# All chunks that --verify finds to be different, and no others, are copied
# again by --resume, until the target is equal: those that hold data, those that
# hold zeroes, and the only one of a small disk.
. ./functions.sh

requires_plugin file
requires_plugin eval
requires_program jq
size=$((200 << 20))
truncate -s $size "$tmpdir/disk"
write_random "$tmpdir/disk" 0 1000000
write_random "$tmpdir/disk" $((70 << 20)) 1000000
write_random "$tmpdir/disk" $((199 << 20)) 1000000

# start_target SIZE: a server that damages each place in $tmpdir/bad whenever
# it is asked to flush.
start_target ()
{
    truncate -s 0 "$tmpdir/target"
    truncate -s "$1" "$tmpdir/target"
    start_nbdkit target eval get_size="echo $1" \
        pread="dd if='$tmpdir/target' skip=\$4 count=\$3 iflag=count_bytes,skip_bytes status=none" \
        pwrite="dd of='$tmpdir/target' seek=\$4 conv=notrunc oflag=seek_bytes status=none" \
        zero="fallocate -p -o \$4 -l \$3 '$tmpdir/target'" \
        can_write='exit 0' can_zero='exit 0' can_flush='exit 0' \
        flush="while read -r place; do
                   printf XY | dd of='$tmpdir/target' bs=1 seek=\$place conv=notrunc status=none
               done <'$tmpdir/bad'"
    copy=(v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" --verify
          --result-file "$tmpdir/result" "$tmpdir/disk")
}

# expect_copied BYTES: the last run wrote or zeroed so much.
expect_copied ()
{
    expect test "$(jq '.disks[0].bytes_zero + .disks[0].bytes_written' \
        "$tmpdir/result")" = "$1"
    expect test -z "$(find "$state_dir" -name '*.journal')"
    expect_nothing_left
}

start_target $size
# In data of the second chunk, and in zeroes of the third.
echo $(((70 << 20) + 1234)) >"$tmpdir/bad"
echo $((150 << 20)) >>"$tmpdir/bad"
run_expecting 7:verify:false:true "${copy[@]}"
expect_error "at offset ($(((70 << 20) + 1234))|$(((70 << 20) + 1235))) and in 1 more places$"
expect_nothing_left
: >"$tmpdir/bad"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_copied $((128 << 20))

# As long as it is damaged, it is found.
echo $((150 << 20)) >"$tmpdir/bad"
run_expecting 7:verify:false:true "${copy[@]}"
run_expecting 7:verify:false:true "${copy[@]}" --resume
expect_error "at offset $((150 << 20))$"
: >"$tmpdir/bad"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_copied $((64 << 20))

stop_pid "$nbdkit_pid"
rm -f "$nbdkit_socket" "$tmpdir/target.pid"
truncate -s 1M "$tmpdir/disk"
start_target $((1 << 20))
echo 4096 >"$tmpdir/bad"
run_expecting 7:verify:false:true "${copy[@]}"
expect_error 'at offset 409[67]$'
run_expecting 7:verify:false:true "${copy[@]}" --resume
: >"$tmpdir/bad"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/target"
expect_nothing_left
