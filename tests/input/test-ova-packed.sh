#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# OVAs that have to be unpacked: the disks arrive whole, and what was
# unpacked, in the overlay directory, is gone afterwards.
. ./functions.sh

make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/vm.ova"
mkdir "$tmpdir/out" "$tmpdir/overlays"
pack ()
{
    case $1 in
        gz) gzip -c "$tmpdir/vm.ova" ;;
        xz) xz -c "$tmpdir/vm.ova" ;;
        zip) (cd "$ovf_dir" && zip -q -r - .) ;;
    esac
}
requires_program gzip xz zip
for kind in gz xz zip; do
    pack $kind >"$tmpdir/packed.ova"
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/packed.ova" \
        --overlay-dir "$tmpdir/overlays" -o disk -os "$tmpdir/out" \
        -on $kind --convert "ls '$tmpdir/overlays'/*/ova.* >'$tmpdir/seen'"
    expect_stderr Unpacking
    expect grep -q 'disk_2.vmdk' "$tmpdir/seen"
    expect_same "$tmpdir/disk1" "$tmpdir/out/$kind-sda"
    expect_same "$tmpdir/disk2" "$tmpdir/out/$kind-sdb"
    expect test -z "$(ls -A "$tmpdir/overlays")"
    # Only to know what it is nothing has to be unpacked.
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/packed.ova" \
        --overlay-dir "$tmpdir/none" --print-source
    expect_stdout 'source name: mail server'
    expect_no_stderr Unpacking
done
expect_nothing_left
