#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What XML cannot hold in the name of a guest, or of its files, is refused
# before anything is asked or copied; what a description says beyond these is
# made valid.
. ./functions.sh

make_disk "$tmpdir/disk" 1M
mkdir "$tmpdir/out" "$tmpdir/out"$'\001'
start_particular
for name in $'a\001b' $'a\033[1mb' $'a\xef\xbf\xbeb' $'a\xff' \
    $'a\xed\xa0\x80'; do
    run_expecting 1:unsupported:false v2v-nbdkit-launch -os "$tmpdir/out" \
        -on "$name" "$particular_url"
    expect_error 'XML'
    expect test -z "$(ls -A "$tmpdir/out")"
    run_expecting 1:unsupported:false v2v-nbdkit-launch --check \
        -os "$tmpdir/out" -on "$name" "$tmpdir/disk"
done
run_expecting 1:unsupported:false v2v-nbdkit-launch \
    -os "$tmpdir/out"$'\001' -on guest "$particular_url"
expect_hint 'another directory with -os DIR'
expect test ! -e "$tmpdir/logs/requests"

# The name and more in a description.
make_vmx "$tmpdir/vm"
vmx=$tmpdir/vm/vm.vmx
sed -i -e '/^displayName/d' -e '/^ethernet0\.networkName/d' "$vmx"
{
    printf 'displayName = "mail\001server"\n'
    printf 'annotation = "one|0Atwo\001"\n'
    printf 'ethernet0.present = "TRUE"\n'
    printf 'ethernet0.networkName = "VM\001 Network"\n'
} >>"$vmx"
run_expecting 1:unsupported:false v2v-nbdkit-launch -i vmx \
    -os "$tmpdir/out" "$vmx"
expect_hint '-on NAME'
expect test -z "$(ls -A "$tmpdir/out")"
run_expecting 0 v2v-nbdkit-launch -i vmx -os "$tmpdir/out" -on mail "$vmx"
expect python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' \
    "$tmpdir/out/mail.xml"
# Where no file is called so, the name is no obstacle.
run_expecting 0 v2v-nbdkit-launch -i vmx -o null "$vmx"
expect_nothing_left
