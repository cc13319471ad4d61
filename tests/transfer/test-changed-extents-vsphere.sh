#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# QueryChangedDiskAreas' answers, in pages, for each of two disks.
. ./functions.sh

requires_plugin file
for disk in a b; do
    make_disk "$tmpdir/$disk" 4M
    truncate -s 4M "$tmpdir/copy-$disk"
done
cat >"$tmpdir/pages-a" <<'END'
{"_vimtype": "vim.VirtualMachine.DiskChangeInfo", "startOffset": 0,
 "length": 2097152, "changedArea": [
  {"_vimtype": "x", "start": 0, "length": 65536}]}
{"_vimtype": "vim.VirtualMachine.DiskChangeInfo", "startOffset": 2097152,
 "length": 2097152, "changedArea": [{"start": 3145728, "length": 65536}]}
END
echo '[{"StartOffset": 0, "Length": 4194304, "ChangedArea": [
 {"Start": 3145728, "Length": 65536}]}]' >"$tmpdir/pages-b"
run_expecting 0 v2v-nbdkit-launch -o device \
    -oo path="$tmpdir/copy-a" -oo path="$tmpdir/copy-b" \
    --changed-extents "$tmpdir/pages-a" --changed-extents "$tmpdir/pages-b" \
    -i disk "$tmpdir/a" "$tmpdir/b"
for disk in a b; do
    truncate -s 4M "$tmpdir/expected-$disk"
    dd if="$tmpdir/$disk" of="$tmpdir/expected-$disk" bs=64k skip=48 \
        seek=48 count=1 conv=notrunc status=none
done
dd if="$tmpdir/a" of="$tmpdir/expected-a" bs=64k count=1 conv=notrunc \
    status=none
expect_same "$tmpdir/expected-a" "$tmpdir/copy-a"
expect_same "$tmpdir/expected-b" "$tmpdir/copy-b"
expect_nothing_left
