#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Fixed VHDs with a footer that cannot be believed are neither taken for raw
# disks nor for what the footer says.
. ./functions.sh

requires_program qemu-img
disk=$tmpdir/disk
make_disk "$disk" 2M
qemu-img convert -f raw -O vpc -o subformat=fixed,force_size=on "$disk" \
    "$tmpdir/whole.vhd"

# refused REASON MESSAGE [KEY=VALUE...]
refused ()
{
    local reason=$1 message=$2

    shift 2
    cp "$tmpdir/whole.vhd" "$tmpdir/edited.vhd"
    "$abs_srcdir/edit-vhd" "$tmpdir/edited.vhd" "$@"
    run_expecting "4:$reason:false" v2v-nbdkit-launch "$tmpdir/edited.vhd" \
        -o null
    expect_error "$message"
    expect_nothing_left
}

refused unsupported 'checksum is wrong' creator=abcd unsummed
expect_hint '-if raw'
refused unsupported 'not its beginning' type=3
refused unsupported 'not its beginning' type=4
refused unsupported 'at least 512 bytes are missing' size=2097664
refused unsupported 'is incomplete' size=9223372036854775296
refused untrusted-image 'states an impossible disk size' size=0
refused untrusted-image 'states an impossible disk size' size=2097151
refused untrusted-image 'states an impossible disk size' size=18446744073709551104

# It says how large the disk is; the rest is missing, but for the footer.
{ head -c 1M "$disk" && tail -c 512 "$tmpdir/whole.vhd"; } >"$tmpdir/half.vhd"
run_expecting 4:unsupported:false v2v-nbdkit-launch "$tmpdir/half.vhd" -o null
expect_error 'at least 1048576 bytes are missing'

# Without a footer nothing tells it from a raw disk, but the user can.
head -c 1M "$disk" >"$tmpdir/cut.vhd"
run_expecting 4:unsupported:false v2v-nbdkit-launch -if vhd "$tmpdir/cut.vhd" \
    -o null
expect_error 'not a VHD image'
