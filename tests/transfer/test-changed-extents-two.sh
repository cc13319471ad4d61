#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents of two disks: each target gets the extents of its source,
# and each is converted as it is then.
. ./functions.sh

requires_plugin file
requires_program qemu-io
delta=(v2v-nbdkit-launch)
disks=()
for i in 0 1; do
    make_disk "$tmpdir/disk$i" 2M
    cp "$tmpdir/disk$i" "$tmpdir/copy$i"
    write_random "$tmpdir/disk$i" $((i << 20)) 65536
    echo "[{\"start\":$((i << 20)),\"length\":65536}]" >"$tmpdir/extents$i"
    cp "$tmpdir/disk$i" "$tmpdir/expected$i"
    # Less than a cluster, so that the rest of it is read from the target.
    qemu-io -f raw -c "write -P $((i + 1)) 128k 512" "$tmpdir/expected$i" \
        >/dev/null
    delta+=(--changed-extents "$tmpdir/extents$i")
    disks+=("$tmpdir/disk$i")
    cp "$tmpdir/copy$i" "$tmpdir/behind$i"
    start_nbdkit export$i file "$tmpdir/behind$i"
done
delta+=(--convert 'for i in 0 1; do
    eval "uri=\$V2V_OVERLAY_URI_$i"
    qemu-io -f raw -c "write -P $((i + 1)) 128k 512" "$uri" || exit 1
done' "${disks[@]}")

# expect_converted TARGET: TARGET0 and TARGET1 are as they should be.
expect_converted ()
{
    expect_same "$tmpdir/expected0" "${1}0"
    expect_same "$tmpdir/expected1" "${1}1"
    expect_nothing_left
}

cp "$tmpdir/copy0" "$tmpdir/target0"
cp "$tmpdir/copy1" "$tmpdir/target1"
run_expecting 0 "${delta[@]}" -o device -oo path="$tmpdir/target0" \
    -oo path="$tmpdir/target1"
expect_converted "$tmpdir/target"

run_expecting 0 "${delta[@]}" -o nbd \
    -oo uri="nbd+unix:///?socket=$tmpdir/export0.sock" -oo uri="$nbdkit_uri"
expect_converted "$tmpdir/behind"

mkdir "$tmpdir/out"
for format in raw qcow2; do
    for i in 0 1; do
        qemu-img convert -f raw -O $format "$tmpdir/copy$i" \
            "$tmpdir/out/guest-sd$(printf %s ab | cut -c$((i + 1)))"
    done
    run_expecting 0 "${delta[@]}" -of $format -os "$tmpdir/out" -on guest
    expect_same_image raw "$tmpdir/expected0" $format "$tmpdir/out/guest-sda"
    expect_same_image raw "$tmpdir/expected1" $format "$tmpdir/out/guest-sdb"
done
expect_nothing_left
