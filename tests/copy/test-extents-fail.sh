#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Servers whose block status fails, always, once or from an offset on, never
# comes, ends the connection, or lists holes that are not zero: everything is
# read, also below a disk that the conversion has enlarged.
. ./functions.sh

requires_plugin eval
requires_program qemu-io
mkdir "$tmpdir/out"
truncate -s 80M "$tmpdir/disk"
write_random "$tmpdir/disk" 1000000 3000000
write_random "$tmpdir/disk" 70000000 3000000
write_random "$tmpdir/disk" 83000000 886080

# serve NAME EXTENTS: the disk, with this script for extents; $4 is the offset.
serve ()
{
    start_nbdkit "$1" eval thread_model='echo parallel' \
        get_size="stat -c %s '$tmpdir/disk'" can_extents='exit 0' \
        pread="dd if='$tmpdir/disk' iflag=skip_bytes,count_bytes,fullblock \
               bs=1M skip=\$4 count=\$3 status=none" \
        extents="$2"
}

# copy EXPECTED [OPTION...]
copy ()
{
    run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
        -on guest --connections 1 --request-size 8M "${@:2}" "$nbdkit_uri"
    expect_same "$1" "$tmpdir/out/guest-sda"
    expect_nothing_left
}

enlarge='qemu-img resize -q -f qcow2 "$V2V_OVERLAY_0" 150M &&
    qemu-io -f qcow2 -c "write -P 9 157000000 512" "$V2V_OVERLAY_0"'
cp "$tmpdir/disk" "$tmpdir/enlarged"
truncate -s 150M "$tmpdir/enlarged"
qemu-io -f raw -c 'write -P 9 157000000 512' "$tmpdir/enlarged" >/dev/null

serve always 'echo EIO no >&2; exit 1'
copy "$tmpdir/disk"
copy "$tmpdir/enlarged" --convert "$enlarge"
serve once "mkdir '$tmpdir/once' && { echo EIO no >&2; exit 1; }
            echo \$4 \$3"
copy "$tmpdir/disk"
serve later 'if [ $4 -ge 67108864 ]; then echo EIO no >&2; exit 1; fi
             echo $4 $3'
copy "$tmpdir/enlarged" --convert "$enlarge"
serve holes 'echo $4 $3 hole'
copy "$tmpdir/disk"
serve silent 'sleep 1000'
copy "$tmpdir/disk" --stall-timeout 3
