#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -o libvirt: the disks are in the pool's directory, libvirt has the guest and
# the pool the volumes, and the guest starts.
. ./functions.sh
. "$abs_srcdir/libvirtd.sh"

requires_plugin file
start_libvirtd
make_disk "$tmpdir/disk" 4M
make_disk "$tmpdir/second" 2M
remember "$tmpdir/disk" "$tmpdir/second"

copy_to_libvirt 0 --verify
expect_pool guest-sda
expect_same "$tmpdir/disk" "$pool/guest-sda"
expect test "$(stat -c '%a %h' "$pool/guest-sda")" = '600 1'
expect_guests guest
expect_nothing_left
virsh_does dumpxml guest >"$tmpdir/dumped"
expect grep -q "<source file='$pool/guest-sda'/>" "$tmpdir/dumped"
expect grep -q 'urn:v2v-nbdkit-launch:domain' "$tmpdir/dumped"
expect test "$(virsh_does vol-list default | awk '{ print $1 }')" = guest-sda
# KVM may not be able to run anything where this is tested, and there may be no
# network.
sed "s/type='kvm'/type='qemu'/; /<interface/,/<.interface>/d" \
    "$tmpdir/dumped" >"$tmpdir/emulated"
expect virsh_does define "$tmpdir/emulated"
expect virsh_does start guest --paused
expect virsh_does destroy guest

# Two disks, compressed; a pool by its UUID; -oc alone means -o libvirt.
uuid=$(virsh_does pool-uuid default)
run_expecting 0 v2v-nbdkit-launch -oc "$libvirt_uri" -os "$uuid" -on two \
    -of qcow2 -oo compressed -oo mode=0644 "$tmpdir/disk" "$tmpdir/second"
expect_pool guest-sda two-sda two-sdb
expect_same_image raw "$tmpdir/second" qcow2 "$pool/two-sdb"
expect test "$(stat -c %a "$pool/two-sdb")" = 644
expect_guests guest two
expect test "$(virsh_does domblklist two | awk '{ print $2 }' | xargs)" = \
    "$pool/two-sda $pool/two-sdb"
expect test "$(virsh_does vol-list default | wc -l)" = 3

# What to do next is right for any name.
run_expecting 0 v2v-nbdkit-launch -oc "$libvirt_uri" -on --name "$tmpdir/second"
expect_stderr 'virsh -c .* start --domain=--name$'
expect virsh_does domstate --domain=--name
expect_untouched
expect_nothing_left
