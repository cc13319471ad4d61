#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --verify finds a byte that the storage changed and says where; --checksum
# computes what nbdcopy --blkhash does.
. ./functions.sh

requires_plugin file
requires_program python3
blkhash ()
{
    python3 -c '
import hashlib, sys
whole, size = hashlib.sha256 (), 0
with open (sys.argv[1], "rb") as f:
    while block := f.read (65536):
        whole.update (hashlib.sha256 (block).digest ())
        size += len (block)
whole.update (size.to_bytes (8, "little"))
print ("blkhash-sha256:" + whole.hexdigest ())' "$1"
}
# Odd sizes, holes, less and more than a chunk.
for size in 1000 65536 70000 $((64 << 20)) $(((130 << 20) + 12345)); do
    rm -f "$tmpdir/disk"
    make_disk "$tmpdir/disk" $size
    for target in '' '-of qcow2'; do
        mkdir "$tmpdir/out"
        # shellcheck disable=SC2086
        run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
            -on guest $target --checksum --verify \
            --result-file "$tmpdir/result" "$tmpdir/disk"
        expect test "$(jq -r '.disks[0].checksum' "$tmpdir/result")" = \
            "$(blkhash "$tmpdir/disk")"
        rm -r "$tmpdir/out"
    done
done
if nbdcopy --help 2>&1 | grep -q blkhash; then
    expect test "blkhash-sha256:$(nbdcopy --blkhash=sha256 \
        -- "$tmpdir/disk" null:)" = "$(blkhash "$tmpdir/disk")"
fi

# A target that changes two bytes on their way to storage: the first is told.
requires_plugin eval
truncate -s $size "$tmpdir/target"
start_nbdkit eval eval \
    get_size="echo $size" \
    pread="dd if='$tmpdir/target' skip=\$4 count=\$3 iflag=count_bytes,skip_bytes status=none" \
    pwrite="dd of='$tmpdir/target' seek=\$4 conv=notrunc oflag=seek_bytes status=none
            for at in 120000000 100000000; do
                printf X | dd of='$tmpdir/target' bs=1 seek=\$at \\
                    conv=notrunc status=none
            done" \
    can_write='exit 0' flush='exit 0' can_flush='exit 0'
offset=100000000
run_expecting 7 v2v-nbdkit-launch -o nbd -oo uri="$nbdkit_uri" --verify \
    --result-file "$tmpdir/result" "$tmpdir/disk"
expect_error "at offset $offset$"
expect test "$(jq -r .reason "$tmpdir/result")" = verify
expect_nothing_left

# The second of two targets.
bad_uri=$nbdkit_uri
truncate -s 1M "$tmpdir/first" "$tmpdir/good"
start_nbdkit good file "$tmpdir/good"
run_expecting 7:verify:false:true v2v-nbdkit-launch -o nbd \
    -oo uri="$nbdkit_uri" -oo uri="$bad_uri" --verify "$tmpdir/first" \
    "$tmpdir/disk"
expect_error "at offset $offset$"
