#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A raw disk of an OVA that is shorter than the OVF says is refused, in each
# form of package and in chunks; of other images the size is a warning.
. ./functions.sh

requires_plugin split
requires_program qemu-img python3
mkdir "$tmpdir/o" "$tmpdir/p"
cd "$tmpdir"

# describe ATTRIBUTES-OF-FILE ATTRIBUTES-OF-DISK
describe ()
{
    python3 - "$abs_srcdir/data/ovf/two-disks.ovf" "$@" >p/g.ovf <<'END'
import re, sys
text = open(sys.argv[1]).read()
text = re.sub(r'ovf:href="disk 1.vmdk".*?/>', 'ovf:href="d" %s/>'
              % sys.argv[2], text)
text = re.sub(r' *<File ovf:id="file2".*\n', '', text)
text = re.sub(r'fileRef="file1".*?/>', 'fileRef="file1" %s/>'
              % sys.argv[3], text)
text = re.sub(r' *<Disk ovf:diskId="vmdisk2".*\n', '', text)
text = re.sub(r'<Item>(?:(?!</Item>).)*vmdisk2.*?</Item>', '', text,
              flags=re.S)
print(text)
END
}

# refused [PATTERN]: p in each form, so that nothing is made.
refused ()
{
    tar -C p --format=ustar -cf p.ova g.ovf "${files[@]}"
    rm -f p.zip
    (cd p; python3 -m zipfile -c ../p.zip g.ovf "${files[@]}")
    for package in p p.ova p.zip; do
        [ "${#files[@]}" = 1 ] || [ $package != p.ova ] || continue
        run_expecting 4:unsupported:false v2v-nbdkit-launch -i ova $package \
            -os o -on g
        expect_error "${1-'d' is incomplete: it has 5242880 bytes}"
        expect test -z "$(ls -A o)"
    done
}

# copied FORMAT OPTION...
copied ()
{
    run_expecting 0 v2v-nbdkit-launch -i ova p -os o -on g "${@:2}"
    expect_same_image "$1" p/d raw o/g-sda
    rm o/*
}

files=(d)
make_disk p/d 5M
for size in '' 'ovf:size="5242880"' 'ovf:size="10485760"' 'ovf:size="5"'; do
    describe "$size" 'ovf:capacity="10485760"'
    refused
done
expect_hint '-if raw'
copied raw -if raw
expect_stderr 'warning: .*5242880 bytes.* 10485760'
describe '' 'ovf:capacity="6" ovf:capacityAllocationUnits="byte * 2^20"'
refused
describe '' 'ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^30"'
copied raw
expect_stderr 'warning: .*5242880 bytes.* 1073741824'
describe 'ovf:size="1"' 'ovf:capacity="5242880"'
copied raw
expect_no_stderr "warning: .*bytes"
qemu-img convert -O qcow2 p/d p/q
mv p/q p/d
copied qcow2
expect_no_stderr "warning: .*bytes"
describe '' 'ovf:capacity="4" ovf:capacityAllocationUnits="byte * 2^20"'
copied qcow2
expect_stderr 'warning: .*5242880 bytes.* 4194304'
: >p/d
refused "'d' is incomplete: it has 0 bytes|'d' is empty"

# Chunks.
rm p/d
make_disk d 5M
split -a 9 -d -b 1M d p/d.
files=(d.000000000 d.000000001 d.000000002 d.000000003 d.000000004)
describe 'ovf:chunkSize="1048576"' 'ovf:capacity="5242880"'
run_expecting 0 v2v-nbdkit-launch -i ova p -os o -on g
expect_same d o/g-sda
rm o/* p/d.000000004
unset 'files[4]'
refused "'d' is incomplete: it has 4194304 bytes"
truncate -s 1000000 p/d.000000002
refused 'chunk number 2 .* has 1000000 bytes, but .* have 1048576'
expect_nothing_left
