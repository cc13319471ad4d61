#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# libvirt defines a whole guest from NAME.xml and starts it, and it boots.
export V2V_TEST_TIMEOUT=${V2V_TEST_TIMEOUT-3600}
. ./functions.sh
. "$abs_srcdir/guest/guest.sh"
. "$abs_srcdir/libvirtd.sh"

make_guest
start_libvirtd
mkdir "$tmpdir/out"
run_expecting 0 v2v-nbdkit-launch --skip-unused on "$guest" -o disk \
    -os "$tmpdir/out" -on guest
# What KVM can run here is not known, and there is no network.
sed -i 's/type="kvm"/type="qemu"/; /<interface/,/<.interface>/d' \
    "$tmpdir/out/guest.xml"
expect virsh_does define "$tmpdir/out/guest.xml"
expect virsh_does start guest --paused
serial=$(virsh_does ttyconsole guest)
expect virsh_does resume guest
# It ends with an error when the guest does.
timeout 1200 cat "$serial" >"$tmpdir/serial" 2>"$tmpdir/logs/cat" || :
expect test "$(virsh_does domstate guest)" = 'shut off'
expect_booted
