#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o device -of qcow2: a device that cannot even hold an empty image is refused
# before anything is done.  One that is smaller than the disk may do, with a
# warning; if not, the copy fails for lack of space.
. ./functions.sh

requires_plugin file
requires_program qemu-img
truncate -s 64M "$tmpdir/disk"
write_random "$tmpdir/disk" 0 4194304

# copy STATUS SIZE ARGUMENT...: to a device of SIZE bytes.
copy ()
{
    rm -f "$tmpdir/device"
    truncate -s "$2" "$tmpdir/device"
    write_random "$tmpdir/device" 0 65536
    cp "$tmpdir/device" "$tmpdir/before"
    make_loop "$tmpdir/device"
    run_expecting "$1" v2v-nbdkit-launch -o device -oo path="$loop_device" \
        -of qcow2 "${@:3}" "$tmpdir/disk"
    expect_nothing_left
}

for more in -q --check --resume; do
    copy 8:space:false 256k --convert "touch '$tmpdir/converted'" $more
    expect_error 'device|loop'
    expect_error 'is too small: it has 262144 bytes, and a qcow2 image .*327680'
    expect_hint '6[0-9]{7} bytes are always enough'
    expect_same "$tmpdir/before" "$tmpdir/device"
    expect test ! -e "$tmpdir/converted"
done

copy 0 8M --check
expect_stdout 'warning .*smaller than a qcow2 image'
copy 0 8M
expect_stderr 'warning: .*smaller than a qcow2 image'
expect_same_image raw "$tmpdir/disk" qcow2 "$loop_device"

# What the disk holds for certain does not fit: nothing has been written.
for more in -q --check; do
    copy 8:space:false 2M $more
    expect_error 'is too small: it has 2097152 bytes, and a qcow2 image .*45'
    expect_same "$tmpdir/before" "$tmpdir/device"
done
# With holes that nobody reports only the copy can tell.
copy 8:space:false 2M --convert true --skip-unused on
expect_error "$loop_device: No space left"

# The smallest that always does takes a disk without any hole.
write_random "$tmpdir/disk" 0 67108864
need=$(qemu-img measure -O qcow2 --size 64M | sed -n 's/^fully.*: //p')
copy 0 "$need"
expect_not grep -q 'smaller than' "$err"
expect_same_image raw "$tmpdir/disk" qcow2 "$loop_device"
