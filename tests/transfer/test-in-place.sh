#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --in-place: each kind of disk gets what the command wrote to its overlay, and
# nothing else.
. ./functions.sh

requires_plugin file
requires_program qemu-io
make_disk "$tmpdir/before" 8M
# Data, zeroes over data, data in holes.
commands=(-c 'write -P 7 1M 64k' -c 'write -z 0 128k' -c 'write -P 9 5M 3k')
cp "$tmpdir/before" "$tmpdir/expected"
qemu-io -f raw "${commands[@]}" "$tmpdir/expected" >/dev/null
cat >"$tmpdir/convert" <<END
for i in \$(seq 0 \$((V2V_DISK_COUNT - 1))); do
  eval "uri=\\\$V2V_OVERLAY_URI_\$i"
  qemu-io -f raw $(printf "'%s' " "${commands[@]}") "\$uri" || exit 1
done
END
export TMPDIR=$tmpdir/tmp

cp "$tmpdir/before" "$tmpdir/a"
cp "$tmpdir/before" "$tmpdir/an odd, name"
run_expecting 0 v2v-nbdkit-launch --in-place \
    --convert "sh '$tmpdir/convert'" "$tmpdir/a" "$tmpdir/an odd, name"
expect_same "$tmpdir/expected" "$tmpdir/a"
expect_same "$tmpdir/expected" "$tmpdir/an odd, name"
expect_nothing_left

qemu-img convert -O qcow2 "$tmpdir/before" "$tmpdir/q, cow"
run_expecting 0 v2v-nbdkit-launch --in-place --machine-readable \
    --convert "sh '$tmpdir/convert' >&2" "$tmpdir/q, cow"
expect_same_image raw "$tmpdir/expected" qcow2 "$tmpdir/q, cow"
expect test "$(tail -n 1 "$out" | jq -r '.disks[0].target')" = \
    "$tmpdir/q, cow"
expect_nothing_left

cp "$tmpdir/before" "$tmpdir/b"
start_nbdkit export file "$tmpdir/b"
run_expecting 0 v2v-nbdkit-launch --in-place \
    --convert "sh '$tmpdir/convert'" "$nbdkit_uri"
expect_same "$tmpdir/expected" "$tmpdir/b"
expect_nothing_left

cp "$tmpdir/before" "$tmpdir/c"
make_loop "$tmpdir/c"
run_expecting 0 v2v-nbdkit-launch --in-place \
    --convert "sh '$tmpdir/convert'" "$loop_device"
cmp "$tmpdir/expected" "$loop_device"
expect_nothing_left

# Each disk gets its own, also where an answer about an overlay's map ends.
for i in 1 2; do
    truncate -s 1100M "$tmpdir/large$i" "$tmpdir/expected$i"
    qemu-io -f raw -c "write -P $i 1073676288 128k" "$tmpdir/expected$i" \
        >/dev/null
done
run_expecting 0 v2v-nbdkit-launch --in-place --convert \
    'for i in 1 2; do
         eval "uri=\$V2V_OVERLAY_URI_$((i - 1))"
         qemu-io -f raw -c "write -P $i 1073676288 128k" "$uri" || exit 1
     done' "$tmpdir/large1" "$tmpdir/large2"
for i in 1 2; do
    expect_same "$tmpdir/expected$i" "$tmpdir/large$i"
done
expect_nothing_left

# A size that is incomplete blocks; and a second disk of which nothing changes.
make_disk "$tmpdir/odd size" 300001
cp "$tmpdir/odd size" "$tmpdir/odd expected"
tr '\0' '\5' </dev/zero | head -c 65536 |
    dd of="$tmpdir/odd expected" bs=64k seek=1 conv=notrunc status=none
run_expecting 0 v2v-nbdkit-launch --in-place -if raw \
    --result-file "$tmpdir/result" \
    --convert 'qemu-io -f raw -c "write -P 5 64k 64k" "$V2V_OVERLAY_URI_0"' \
    "$tmpdir/odd size" "$tmpdir/before"
expect_same "$tmpdir/odd expected" "$tmpdir/odd size"
expect test "$(jq .changed "$tmpdir/result")" = true
expect_nothing_left
expect test -z "$(find "$tmpdir" -name '*in-place*')"
