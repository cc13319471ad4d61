#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A package with several .ovf files: the error says what to write, and what it
# says works; the .ovf can be SOURCE itself.
. ./functions.sh

make_ovf "$tmpdir/ovf"
mkdir "$tmpdir/out"
# Its manifest is wrong, which is of no matter while the other one is used.
sed 's/mail server/other server/' "$tmpdir/ovf/vm.ovf" >"$tmpdir/ovf/a vm.ovf"
echo "SHA1(disk 1.vmdk)= $(sha1sum </dev/null | cut -c1-40)" \
    >"$tmpdir/ovf/a vm.mf"
tar -C "$tmpdir/ovf" -cf "$tmpdir/vm.ova" 'a vm.ovf' vm.ovf 'a vm.mf' vm.mf \
    'disk 1.vmdk' 'disk 2.vmdk'
gzip -k "$tmpdir/vm.ova"

for source in ovf vm.ova vm.ova.gz; do
    run_expecting 4:unsupported:false v2v-nbdkit-launch -o null -i ova \
        "$tmpdir/$source"
    expect_error "holds 2 .ovf files, not one: '"
    expect_hint "choose one with -io ovf=NAME: -io ovf=('a vm.ovf'|vm.ovf)"
    run_expecting 4:not-found:false v2v-nbdkit-launch -o null -i ova \
        "$tmpdir/$source" -io ovf=no
    expect_error "no .ovf file 'no'; it has: '.*', '"
    run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/$source" \
        -io ovf=vm.ovf -o disk -os "$tmpdir/out" -on "$source"
    expect_same "$tmpdir/disk1" "$tmpdir/out/$source-sda"
    expect_same "$tmpdir/disk2" "$tmpdir/out/$source-sdb"
done
run_expecting 4:untrusted-image:false v2v-nbdkit-launch -o null -i ova \
    "$tmpdir/ovf" -io 'ovf=a vm'
expect_error 'the SHA1 of disk 1.vmdk is'

# The file itself, from its own directory and from elsewhere.
rm "$tmpdir/ovf/a vm.mf"
run_expecting 0 v2v-nbdkit-launch -i ova "$tmpdir/ovf/vm.ovf" -o disk \
    -os "$tmpdir/out" -on file
expect_same "$tmpdir/disk2" "$tmpdir/out/file-sdb"
cd "$tmpdir/ovf"
run_expecting 0 v2v-nbdkit-launch -i ova vm.ovf --print-source
expect_stdout 'source name: mail server'
run_expecting 0 v2v-nbdkit-launch -i ova 'a vm.ovf' --print-source
expect_stdout 'source name: other server'
run_expecting 2:usage:false v2v-nbdkit-launch -io ovf=vm.ovf -o null \
    "$tmpdir/disk1"
expect_error 'is for -i ova only'
expect_nothing_left
