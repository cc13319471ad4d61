#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A last extent that ends where the disk's last block does, behind the end of
# the disk, is cut; whether it was is no difference to --resume.
. ./functions.sh

requires_plugin file
requires_program jq
size=$((1048576 + 1000))
make_disk "$tmpdir/disk" $size
write_random "$tmpdir/disk" 1048576 1000
copy=(v2v-nbdkit-launch -if raw -o device -oo path="$tmpdir/target"
      --changed-extents "$tmpdir/extents" --result-file "$tmpdir/result"
      "$tmpdir/disk")
for end in $((1048576 + 1024)) $((1048576 + 65536)); do
    cp "$tmpdir/disk" "$tmpdir/target"
    write_random "$tmpdir/target" 1048000 1576
    echo "[{\"start\":1047552,\"length\":$((end - 1047552))}]" \
        >"$tmpdir/extents"
    for changed in true false; do
        run_expecting 0 "${copy[@]}" --resume
        expect test "$(jq .changed "$tmpdir/result")" = $changed
        expect_same "$tmpdir/disk" "$tmpdir/target"
    done
done
for extent in "1048576 2097152" "1048576 1001" "1049600 512"; do
    # shellcheck disable=SC2086
    printf '[{"start":%s,"length":%s}]' $extent >"$tmpdir/extents"
    run_expecting 2:usage:false "${copy[@]}"
    expect_error "only $size bytes"
done
expect_nothing_left
