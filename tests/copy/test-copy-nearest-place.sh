#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later

# What the conversion wrote is read from the overlay, and from nowhere else;
# all the rest from nbdkit, once.

. ./functions.sh
requires_filter log
requires_program qemu-io

random_bytes disk | head -c 16M >"$tmpdir/disk"
cp "$tmpdir/disk" "$tmpdir/want"
write=(-c 'write -q -P 9 4M 2M' -c 'write -q -P 8 10M 64k')
qemu-io -f raw "${write[@]}" "$tmpdir/want"
mkdir "$tmpdir/out"
# shellcheck disable=SC2016
run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on guest \
    --copy-while-converting off \
    --convert 'qemu-io -f qcow2 -c "write -q -P 9 4M 2M" \
                   -c "write -q -P 8 10M 64k" "$V2V_OVERLAY_0"; echo >>'"\
'$tmpdir/logs/nbdkit' COPY" \
    -io filter=log -i nbdkit file "$tmpdir/disk" \
    logfile="$tmpdir/logs/nbdkit" logappend=true
expect cmp "$tmpdir/want" "$tmpdir/out/guest-sda"

# Reads after the conversion: offset and length in KiB.  What is in the
# overlay are whole clusters, of 64 KiB.  The last connection is not the
# copy's: it takes the samples by which --resume knows the source again.
sed '1,/COPY/d' "$tmpdir/logs/nbdkit" >"$tmpdir/copy"
last=$(grep -n ' Connect ' "$tmpdir/copy" | tail -n 1)
head -n "${last%%:*}" "$tmpdir/copy" |
    sed -n 's/.* Read id=.* offset=\(0x[0-9a-f]*\) count=\(0x[0-9a-f]*\).*/\1 \2/p' \
        >"$tmpdir/reads"
total=0
while read -r offset count; do
    offset=$((offset / 1024)) count=$((count / 1024))
    # Opening reads the first bytes, to see that it can.
    [ "$offset $count" != '0 1' ] || continue
    [ $((offset + count)) -le 4096 ] || [ $offset -ge 6144 ] ||
        fail "read at $offset KiB, which is in the overlay"
    [ $((offset + count)) -le 10240 ] || [ $offset -ge 10304 ] ||
        fail "read at $offset KiB, which is in the overlay"
    total=$((total + count))
done <"$tmpdir/reads"
expect test "$total" = $((16384 - 2048 - 64))
expect_nothing_left
