#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The description of a guest, and the page that a web server sends in place of
# a file, are not taken for a disk.
. ./functions.sh

start_nginx
mkdir "$tmpdir/o"
cd "$tmpdir"

# refused FILE WHAT HINT
refused ()
{
    run_expecting 4:unsupported:false v2v-nbdkit-launch "$1" -os o -on g
    expect_error "$1 is $2"
    expect_hint "$3"
    expect test -z "$(ls -A o)"
}

page='<!DOCTYPE html><html><body>Log in</body></html>'
echo "$page" >www/a.img
printf '\357\273\277\r\n  <HTML lang="en">' >www/b.img
printf '<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">\n<html xmlns="x">' \
    >www/c.img
for page in a b c; do
    refused "$http_url/$page.img" 'a web page' curl
done
echo "<domain type='kvm'><name>g</name></domain>" >g1
printf '<!--\nWARNING: a -- b > c\n-->\n\n<domain type="kvm">' >g2
refused g1 'the description of a guest \(libvirt' '-i libvirtxml'
refused g2 'the description of a guest \(libvirt' '-i libvirtxml'
cp "$abs_srcdir/data/ovf/two-disks.ovf" g.ovf
refused g.ovf 'the description of a guest \(OVF' 'with -i ova'
echo '<ovf:Envelope xmlns:ovf="x"/>' >g4
refused g4 'the description of a guest \(OVF' 'with -i ova'
echo '<?xml version="1.0"?> <VirtualBox xmlns="x" version="1.19">' >g5
refused g5 'the description of a guest \(VirtualBox' 'OVA'
printf '.encoding = "UTF-8"\nconfig.version = "8"\n' >g6
refused g6 'the description of a guest \(VMX' '-i vmx'
printf '#!/usr/bin/vmware\nconfig.version = "8"\n' >g7
refused g7 'the description of a guest \(VMX' '-i vmx'
printf '\377\376<\0?\0x\0m\0l\0' >g8
refused g8 'an XML document' 'disk'

# Disks, and one that the user has called raw.
for text in '<' '<domains>' '<html' '< html>' '<!-- <html>' 'x <html>' \
    'encoding' '<a:b:html>'; do
    make_disk d 1M
    # What follows is chance, and could be a blank.
    printf '%s\0' "$text" | dd of=d conv=notrunc status=none
    run_expecting 0 v2v-nbdkit-launch d -os o -on g
    expect cmp d o/g-sda
    rm o/*
done
run_expecting 0 v2v-nbdkit-launch -if raw www/a.img -os o -on g
expect cmp www/a.img o/g-sda
expect_nothing_left
