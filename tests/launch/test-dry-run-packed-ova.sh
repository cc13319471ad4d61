#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Of an OVA that a run unpacks first, --dry-run prints the lines of the run,
# but for the name of the directory; it unpacks nothing.
. ./functions.sh

requires_program gzip python3 jq
mkdir "$tmpdir/overlays" "$tmpdir/o"
make_ovf "$tmpdir/ovf"
make_ova "$tmpdir/plain.ova"
cd "$tmpdir"

# lines: nbdkit's command lines in $out, and the files that it is given open
# (since 1.34), without what differs from run to run.  A run does not start the
# copy's, as these disks are images, which qemu reads.
lines ()
{
    jq -r 'select (.type == "command" and .program == "nbdkit") |
        .argv + [.descriptors // {} | .[]] | join (" ")' "$out" |
        grep -- --readonly | grep -v "/copy[01]" |
        sed -E 's,/v2v\.[A-Za-z0-9]{6}/,/v2v.XXXXXX/,g
            s,/ova\.[A-Za-z0-9]{6}/,/ova.XXXXXX/,g
            s,(\$V2VDIR|/[^ =]*/v2v.XXXXXX)/(in[0-9]),\2,g'
}

# same OVA
same ()
{
    run_expecting 0 v2v-nbdkit-launch -i ova "$1" --machine-readable \
        --overlay-dir overlays --dry-run
    lines >dry
    expect test -z "$(ls -A overlays)"
    run_expecting 0 v2v-nbdkit-launch -i ova "$1" --machine-readable \
        --overlay-dir overlays -o null
    lines >run
    expect test "$(wc -l <run)" -ge 2
    expect grep -q "$2" run
    expect diff dry run
}

same plain.ova 'offset='
gzip -c plain.ova >packed.ova
same packed.ova 'overlays/v2v.XXXXXX/ova.XXXXXX/0-disk_1.vmdk'
run_expecting 0 v2v-nbdkit-launch -i ova packed.ova --dry-run
expect_stderr 'disk 1.vmdk would be unpacked first'
echo 'is not unpacked' >note
(cd ovf && python3 -m zipfile -c ../zip.ova vm.ovf ../note 'disk 2.vmdk' \
    'disk 1.vmdk')
same zip.ova '1-disk_1.vmdk'
# A member that is compressed in a plain package, and in a packed one.
rm ovf/vm.mf
sed -i 's/ovf:href="disk%202.vmdk"/& ovf:compression="gzip"/' ovf/vm.ovf
gzip ovf/'disk 2.vmdk'
mv ovf/'disk 2.vmdk.gz' ovf/'disk 2.vmdk'
tar -C ovf -cf member.ova vm.ovf 'disk 1.vmdk' 'disk 2.vmdk'
same member.ova '0-disk$'
gzip -c member.ova >both.ova
same both.ova '2-disk$'
# Chunks.
split -a 9 -d -b 65536 ovf/'disk 1.vmdk' ovf/'disk 1.vmdk.'
rm ovf/'disk 1.vmdk'
sed -i 's/ovf:href="disk 1.vmdk"/& ovf:chunkSize="65536"/' ovf/vm.ovf
(cd ovf && tar -czf ../chunks.ova vm.ovf disk*)
same chunks.ova 'split .*disk_1.vmdk.000000001'
expect_nothing_left
