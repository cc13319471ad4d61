#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest of three disks, from three kinds of sources, boots on the copies
# as NAME.xml describes it, finds the disks in their order, and can write.
. ./functions.sh

requires_program qemu-system-x86_64 python3 qemu-img
mkdir "$tmpdir/www" "$tmpdir/out"
start_sshd
start_nginx

# Its boot sector prints "disk 1", then what the next disks begin with, for
# as long as there is one; writes itself to sector 1 of its own disk, and
# resets the machine.
boot_sector ()
{
    # xor %ax,%ax; mov to %ds %es %ss; mov $0x7c00,%sp; cld
    printf '\x31\xc0\x8e\xd8\x8e\xc0\x8e\xd0\xbc\x00\x7c\xfc'
    # mov $message,%si; call print
    printf '\xbe\x5e\x7c\xe8\x32\x00'
    # more: inc %dl; mov $0x0201,%ax; mov $0x8000,%bx; mov $1,%cx
    printf '\xfe\xc2\xb8\x01\x02\xbb\x00\x80\xb9\x01\x00'
    # mov $0,%dh; push %dx; int $0x13; pop %dx; jc nomore
    printf '\xb6\x00\x52\xcd\x13\x5a\x72\x0a'
    # push %dx; mov $0x8000,%si; call print; pop %dx; jmp more
    printf '\x52\xbe\x00\x80\xe8\x18\x00\x5a\xeb\xe3'
    # nomore: mov $0x0301,%ax; mov $0x7c00,%bx; mov $2,%cx; mov $0x80,%dx
    printf '\xb8\x01\x03\xbb\x00\x7c\xb9\x02\x00\xba\x80\x00'
    # int $0x13; mov $0xfe,%al; out %al,$0x64; stop: hlt; jmp stop
    printf '\xcd\x13\xb0\xfe\xe6\x64\xf4\xeb\xfd'
    # print: push %dx; next: lodsb; test %al,%al; jz 2f; mov %al,%ah
    printf '\x52\xac\x84\xc0\x74\x12\x88\xc4'
    # mov $0x3fd,%dx; 1: in %dx,%al; test $0x20,%al; jz 1b
    printf '\xba\xfd\x03\xec\xa8\x20\x74\xfb'
    # mov $0x3f8,%dx; mov %ah,%al; out %al,%dx; jmp next; 2: pop %dx; ret
    printf '\xba\xf8\x03\x88\xe0\xee\xeb\xe9\x5a\xc3'
    # message:
    printf 'disk 1\n\0'
}

make_disk "$tmpdir/1" 4M
make_disk "$tmpdir/www/2" 3M
make_disk "$tmpdir/3.raw" 2M
write_zeroes "$tmpdir/1" 0 1024
boot_sector | dd of="$tmpdir/1" conv=notrunc status=none
printf '\x55\xaa' | dd of="$tmpdir/1" conv=notrunc bs=1 seek=510 status=none
printf 'disk 2\n\0' | dd of="$tmpdir/www/2" conv=notrunc status=none
printf 'disk 3\n\0' | dd of="$tmpdir/3.raw" conv=notrunc status=none
qemu-img convert -f raw -O qcow2 "$tmpdir/3.raw" "$tmpdir/3"
cat >"$tmpdir/guest.xml" <<END
<domain type='xen'>
  <name>three disks</name>
  <memory unit='MiB'>64</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    <disk type='network' device='disk'>
      <driver type='raw'/>
      <source protocol='ssh' name='$tmpdir/1'>
        <host name='127.0.0.1' port='$sshd_port'/>
        <identity username='$ssh_user' keyfile='$ssh_identity'/>
        <knownHosts path='$ssh_known_hosts'/>
      </source>
      <target dev='hda' bus='ide'/>
    </disk>
    <disk type='file' device='cdrom'><target dev='hdc' bus='ide'/></disk>
    <disk type='network' device='disk'>
      <driver type='raw'/>
      <source protocol='http' name='2'>
        <host name='127.0.0.1' port='$http_port'/>
      </source>
      <target dev='hdb' bus='ide'/>
    </disk>
    <disk type='file' device='disk'>
      <driver type='qcow2'/>
      <source file='$tmpdir/3'/>
      <target dev='hdd' bus='ide'/>
    </disk>
  </devices>
</domain>
END
printf 'disk 1\ndisk 2\ndisk 3\n' >"$tmpdir/expected"
for format in raw qcow2; do
    run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/guest.xml" \
        -o disk -os "$tmpdir/out" -of $format -on $format
    rm -f "$tmpdir/serial"
    timeout 100 python3 "$abs_srcdir/boot.py" "$tmpdir/out/$format.xml" \
        "$tmpdir/serial" </dev/null
    expect_same "$tmpdir/expected" "$tmpdir/serial"
    qemu-img convert -f $format -O raw "$tmpdir/out/$format-sda" \
        "$tmpdir/after"
    expect cmp -n 512 -i 0:512 "$tmpdir/after" "$tmpdir/after"
    rm "$tmpdir/after"
done
expect_nothing_left
