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
    refused www/$page.img 'a web page' 'download the disk again'
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
printf '# by hand\r\n\r\nannotation = "a=b"\nguestOS="other"\r\n' >g9
refused g9 'the description of a guest \(VMX' '-i vmx'
printf 'displayname  =  "g"\n%s' "$(head -c 2000 /dev/zero | tr '\0' '#')" \
    >g10
refused g10 'the description of a guest \(VMX' '-i vmx'
printf '\377\376<\0?\0x\0m\0l\0' >g8
refused g8 'an XML document' 'disk'

# Any other text that is no whole sectors, by whatever it is read.
echo '{"error":"no such file"}' >text
refused text 'a text file, not a disk' '-if raw'
head -c 1025 /dev/zero | tr '\0' x >text2
refused text2 'a text file, not a disk' '-if raw'
run_expecting 0 v2v-nbdkit-launch -if raw text -os o -on g
expect cmp text o/g-sda
rm o/*

# On other hosts only -i vmx reads these, through ssh.
start_sshd
ssh_url=ssh://$ssh_user@127.0.0.1:$sshd_port$tmpdir
start_nbdkit vmx file "$tmpdir/g9"
start_nbdkit text file "$tmpdir/text"
nbd=nbd+unix:///?socket=$tmpdir
for name in g2 g4 g9; do
    cp $name www
    run_expecting 4:unsupported:false v2v-nbdkit-launch "$http_url/$name" \
        -o null
    expect_error 'the description of a guest'
    expect_hint 'copied to this host first.*-if raw'
    run_expecting 4:unsupported:false v2v-nbdkit-launch --check \
        "${ssh_options[@]}" "$ssh_url/$name"
    expect_stdout '^error .* is the description of a guest'
done
expect_no_stderr 'copied to this host'
run_expecting 4:unsupported:false v2v-nbdkit-launch "$nbd/vmx.sock" -o null
expect_hint 'copied to this host first'
run_expecting 4:unsupported:false v2v-nbdkit-launch "$nbd/text.sock" -o null
expect_error 'is a text file'
# An OVA is read from web and SSH servers, too.
mkdir ova
cp g.ovf ova
tar -cf www/g.ova -C ova g.ovf
start_nbdkit ova file "$tmpdir/www/g.ova"
run_expecting 4:unsupported:false v2v-nbdkit-launch "$http_url/g.ova" -o null
expect_hint 'read the guest in it with -i ova'
expect_no_stderr 'copied to this host'
run_expecting 4:unsupported:false v2v-nbdkit-launch "$nbd/ova.sock" -o null
expect_hint 'with -i ova; it has to be copied to this host first'
run_expecting 4:unsupported:false v2v-nbdkit-launch "$http_url/g9" -o null
expect_hint 'and a .vmx file with their disks'
run_expecting 2:usage:false v2v-nbdkit-launch -i vmx "$http_url/g9" -o null
expect_hint "copy it to this host first, with the guest's disks"
run_expecting 0 v2v-nbdkit-launch -i nbdkit data 'data="text"' -o null

# Disks, and one that the user has called raw.
for text in '<' '<domains>' '<html' '< html>' '<!-- <html>' 'x <html>' \
    'encoding' '<a:b:html>' 'guestOS = other' 'guestOS "other"' \
    'no value\nguestOS = "other"'; do
    make_disk d 1M
    # What follows is chance, and could be a blank.
    printf '%b\0' "$text" | dd of=d conv=notrunc status=none
    run_expecting 0 v2v-nbdkit-launch d -os o -on g
    expect cmp d o/g-sda
    rm o/*
done
# Text in whole sectors, and in a disk without.
for bytes in 1024 1025; do
    head -c $bytes /dev/zero | tr '\0' x >d
    [ $bytes = 1024 ] || printf '\0' | dd of=d bs=1 seek=1000 conv=notrunc \
        status=none
    run_expecting 0 v2v-nbdkit-launch d -os o -on g
    expect cmp d o/g-sda
    rm o/*
done
run_expecting 0 v2v-nbdkit-launch -if raw www/a.img -os o -on g
expect cmp www/a.img o/g-sda
expect_nothing_left
