#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# virt-customize works on the overlay.
. ./functions.sh

requires_program virt-customize virt-cat
requires_plugin file
# Its appliance stays where it always is, and does not need a good KVM.
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg
export LIBGUESTFS_CACHEDIR=/var/tmp LIBGUESTFS_TMPDIR=/tmp
image=${V2V_TEST_GUEST-}
[ -n "$image" ] || skip 'V2V_TEST_GUEST does not name a raw Linux guest'
mkdir "$tmpdir/out"
remember "$image"
run_expecting 0 v2v-nbdkit-launch -if raw -o disk -os "$tmpdir/out" \
    -of qcow2 -on guest \
    --convert 'virt-customize --format qcow2 -a "$overlay" \
        --write /etc/converted:yes' "$image"
expect test "$(virt-cat --format=qcow2 -a "$tmpdir/out/guest-sda" \
    /etc/converted)" = yes
expect_untouched
expect_nothing_left
