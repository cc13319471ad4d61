#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A target file system that fills up: what was copied is kept, and the copy can
# be resumed when there is more space.
. ./functions.sh

requires_plugin file
requires_root
requires_filter noextents
requires_filter rate
truncate -s 260M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 272629760
truncate -s 300M "$tmpdir/fs"
mke2fs -q -F "$tmpdir/fs"
make_loop "$tmpdir/fs"
mkdir "$tmpdir/out"
requires mount "$loop_device" "$tmpdir/out"
cleanup_fn umount -l "$tmpdir/out"
start_nbdkit source --filter noextents file "$tmpdir/disk"
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest
      --result-file "$tmpdir/result" "$nbdkit_uri")
run_in_background "${copy[@]}" --bandwidth 150M
# Something is stored; then somebody else takes what is left.
wait_for test -e "$tmpdir/out/guest.part/journal"
cat /dev/zero >"$tmpdir/out/ballast" 2>/dev/null || :
wait_expecting 8:space:false:true
expect test -e "$tmpdir/out/guest.part/journal"
rm "$tmpdir/out/ballast"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/out/guest-sda"
expect test "$(jq '.disks[0].bytes_read' "$tmpdir/result")" -lt 260000000
expect_nothing_left
umount "$tmpdir/out"
