#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents writes what is listed, zeroes too, and nothing else; on
# files, devices and NBD exports.
. ./functions.sh

requires_plugin file
make_disk "$tmpdir/disk" 8M
mkdir "$tmpdir/out"
# Holes of the source, written zeroes, data, across each other; unsorted,
# overlapping, odd.
cat >"$tmpdir/extents" <<'END'
[{"start": 6291456, "length": 2097152},
 {"start": 0, "length": 65536}, {"start": 32768, "length": 65536},
 {"start": 1000001, "length": 12345},
 {"start": 4194304, "length": 100000}, {"start": 5, "length": 0}]
END
truncate -s 8M "$tmpdir/before"
write_random "$tmpdir/before" 0 8388608
cp "$tmpdir/before" "$tmpdir/expected"
for range in '6291456 2097152' '0 98304' '1000001 12345' '4194304 100000'
do
    # shellcheck disable=SC2086
    set -- $range
    dd if="$tmpdir/disk" of="$tmpdir/expected" bs=65536 skip="$1" seek="$1" \
        count="$2" iflag=skip_bytes,count_bytes oflag=seek_bytes \
        conv=notrunc status=none
done
remember "$tmpdir/disk"

# apply STATUS ARGUMENT...
apply ()
{
    run_expecting "$1" v2v-nbdkit-launch "${@:2}" \
        --changed-extents "$tmpdir/extents" "$tmpdir/disk"
}

cp "$tmpdir/before" "$tmpdir/out/guest-sda"
apply 0 -os "$tmpdir/out" -on guest
expect_same "$tmpdir/expected" "$tmpdir/out/guest-sda"
expect test "$(ls "$tmpdir/out")" = guest-sda

cp "$tmpdir/before" "$tmpdir/target"
apply 0 -o device -oo path="$tmpdir/target"
expect_same "$tmpdir/expected" "$tmpdir/target"

cp "$tmpdir/before" "$tmpdir/target"
start_nbdkit target file "$tmpdir/target"
apply 0 -o nbd -oo uri="$nbdkit_uri"
expect_same "$tmpdir/expected" "$tmpdir/target"

qemu-img convert -f raw -O qcow2 "$tmpdir/before" "$tmpdir/out/guest-sda"
apply 0 -os "$tmpdir/out" -on guest -of qcow2
expect_same_image raw "$tmpdir/expected" qcow2 "$tmpdir/out/guest-sda"

cp "$tmpdir/before" "$tmpdir/out/guest-sda"
run_expecting 0 sh -c '"$@" <"$0"' "$tmpdir/extents" "${tool[@]}" \
    -os "$tmpdir/out" -on guest --changed-extents - "$tmpdir/disk"
expect_same "$tmpdir/expected" "$tmpdir/out/guest-sda"

# The last one ends anywhere, and nothing follows it.
echo '[{"start": 1000001, "length": 12345}]' >"$tmpdir/extents"
cp "$tmpdir/before" "$tmpdir/expected"
dd if="$tmpdir/disk" of="$tmpdir/expected" bs=12345 count=1 skip=1000001 \
    seek=1000001 iflag=skip_bytes oflag=seek_bytes conv=notrunc status=none
cp "$tmpdir/before" "$tmpdir/out/guest-sda"
apply 0 -os "$tmpdir/out" -on guest
expect_same "$tmpdir/expected" "$tmpdir/out/guest-sda"
expect_untouched
expect_nothing_left

# Zeroes in the place of data are a change.
truncate -s 1M "$tmpdir/zeroes"
make_disk "$tmpdir/out/guest-sda" 1M
echo '[{"start": 0, "length": 1048576}]' >"$tmpdir/extents"
run_expecting 0 v2v-nbdkit-launch -if raw -os "$tmpdir/out" -on guest \
    --changed-extents "$tmpdir/extents" --result-file "$tmpdir/result" \
    "$tmpdir/zeroes"
expect_same "$tmpdir/zeroes" "$tmpdir/out/guest-sda"
expect test "$(jq .changed "$tmpdir/result")" = true
