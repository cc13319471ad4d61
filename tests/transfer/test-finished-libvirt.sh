#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --resume of a finished copy to libvirt does nothing, as long as libvirt has
# the guest and the disks are as they were; without the guest it is done again,
# and replaces what it had made.
# Changed extents are written to the disks of a guest that is not running.
. ./functions.sh
. "$abs_srcdir/libvirtd.sh"

requires_plugin file
start_libvirtd
make_disk "$tmpdir/disk" 4M
result=$tmpdir/result
changed () { jq .changed "$result"; }

for expected in true false; do
    copy_to_libvirt 0 --resume --result-file "$result"
    expect test "$(changed)" = $expected
done
# The disk is what the record says, and belongs to no guest any more.
virsh_does undefine guest
copy_to_libvirt 0 --resume --check
copy_to_libvirt 0 --resume --result-file "$result"
expect_stderr "libvirt's guest 'guest' no longer exists: running it again"
expect test "$(changed)" = true
expect_guests guest
expect_same "$tmpdir/disk" "$pool/guest-sda"
expect_pool guest-sda

# Another file has come by its name meanwhile.
virsh_does undefine guest
copy_to_libvirt 6:write:false:false --resume \
    --convert "rm '$pool/guest-sda'; echo another >'$pool/guest-sda'"
expect test "$(cat "$pool/guest-sda")" = another
rm -rf "$pool"/* "$TMPDIR"/v2v.* "$state_dir"
copy_to_libvirt 0

# One that was written to since then is somebody's.
virsh_does undefine guest
printf x | dd of="$pool/guest-sda" bs=1 seek=5 conv=notrunc status=none
copy_to_libvirt 2:usage:false --resume
expect_error "guest-sda exists already"
expect_not cmp -s "$tmpdir/disk" "$pool/guest-sda"
rm "$pool/guest-sda"
copy_to_libvirt 0 --resume --result-file "$result"
expect test "$(changed)" = true
expect_guests guest

write_random "$tmpdir/disk" 65536 65536
echo '[{"start":65536,"length":65536}]' >"$tmpdir/extents"
copy_to_libvirt 0 --changed-extents "$tmpdir/extents"
expect_same "$tmpdir/disk" "$pool/guest-sda"
expect_guests guest
expect_pool guest-sda

printf x | dd of="$pool/guest-sda" bs=1 seek=5 conv=notrunc status=none
rm -r "$state_dir"
virsh_does undefine guest
rm "$pool/guest-sda"
copy_to_libvirt 0
printf x | dd of="$pool/guest-sda" bs=1 seek=5 conv=notrunc status=none
copy_to_libvirt 1:target-changed:false --resume
expect_hint '-on NAME'
expect_guests guest
expect_nothing_left
