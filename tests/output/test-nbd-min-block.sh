#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# NBD targets that refuse whatever is not aligned to their minimum block size:
# disks that end within a block, zeroes, extents anywhere, and what lies beside
# all that stays; it is read back, too.
. ./functions.sh

requires_plugin file
requires_filter blocksize-policy
disk=$tmpdir/disk target=$tmpdir/target before=$tmpdir/before
truncate -s 8389120 "$disk"
write_random "$disk" 0 4198912
write_random "$disk" 7340033 70001
truncate -s 16M "$before"
write_random "$before" 0 16777216
cat >"$tmpdir/extents" <<'END'
[{"start": 512, "length": 512}, {"start": 1536, "length": 512},
 {"start": 69632, "length": 1048577}, {"start": 7000000, "length": 1389120}]
END

# serve MINIMUM NAME
serve ()
{
    cp "$before" "$target"
    start_nbdkit "$2-$1" --filter=blocksize-policy file "$target" \
        blocksize-minimum="$1" blocksize-preferred=65536 \
        blocksize-maximum=1M blocksize-error-policy=error
}

for minimum in 4096 65536; do
    for zero in auto write; do
        serve $minimum $zero
        run_expecting 0 v2v-nbdkit-launch -if raw -o nbd \
            -oo uri="$nbdkit_uri" -oo zero=$zero --verify "$disk"
        expect cmp -n 8389120 "$disk" "$target"
        expect cmp -i 8389120 "$before" "$target"
        expect_nothing_left
        stop_pid "$nbdkit_pid"
    done
    serve $minimum extents
    run_expecting 0 v2v-nbdkit-launch -if raw -o nbd -oo uri="$nbdkit_uri" \
        --changed-extents "$tmpdir/extents" "$disk"
    cp "$before" "$tmpdir/expected"
    for range in '512 512' '1536 512' '69632 1048577' '7000000 1389120'; do
        # shellcheck disable=SC2086
        set -- $range
        dd if="$disk" of="$tmpdir/expected" bs=65536 skip="$1" seek="$1" \
            count="$2" iflag=skip_bytes,count_bytes oflag=seek_bytes \
            conv=notrunc status=none
    done
    expect_same "$tmpdir/expected" "$target"
    stop_pid "$nbdkit_pid"
done
expect_nothing_left
