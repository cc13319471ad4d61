#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# run_expecting sees when NAME.xml is not as libvirt's schema says, and when
# libvirt's qemu driver, where it can be started, cannot have such a guest.
. ./functions.sh

requires_plugin file
requires_program virsh
truncate -s 1M "$tmpdir/disk"
mkdir "$tmpdir/out"
xml=$tmpdir/out/disk.xml
run_expecting 0 v2v-nbdkit-launch "$tmpdir/disk" -os "$tmpdir/out"
expect grep -q 'machine="q35"' "$xml"
cp "$xml" "$tmpdir/good.xml"

# changed COMMAND: change NAME.xml with sed, and run something that could have
# written it.
changed ()
{
    sed "$1" "$tmpdir/good.xml" >"$xml"
    ! cmp -s "$xml" "$tmpdir/good.xml" || fail "nothing to change: $1"
    run_expecting 0 true -os "$tmpdir/out"
}

# refuses COMMAND: the test would fail.
refuses ()
{
    ! (trap - ERR EXIT
       changed "$1") 2>"$tmpdir/seen" || fail "passed: $1"
    expect grep -q 'not take' "$tmpdir/seen"
}

changed 's/1048576/2097152/'
# A guest that libvirt's test driver has otherwise.
changed 's/<name>disk/<name>test/'
refuses 's/<vcpu>/<vcpus>/; s/<.vcpu>/<\/vcpus>/'
refuses 's/type="vga"/type="eye"/'
start_qemu_driver || skip "libvirt's qemu driver does not start here"
# This machine has no IDE.
refuses 's/bus="sata"/bus="ide"/; s/"sda"/"hda"/'
expect grep -q "qemu driver" "$tmpdir/seen"
expect_nothing_left
