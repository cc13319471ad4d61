# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# Guests of nothing but a boot sector, which tells what it sees.

# It prints "disk 1" to the serial port, then what the next disks begin with,
# for as long as there is one; writes itself to sector 1 of its own disk, and
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

# make_bootable DISK...: the first of them has the boot sector, and the others
# begin with "disk 2", "disk 3"...
make_bootable ()
{
    local number

    write_zeroes "$1" 0 1024
    boot_sector | dd of="$1" conv=notrunc status=none
    printf '\x55\xaa' | dd of="$1" conv=notrunc bs=1 seek=510 status=none
    for ((number = 2; number <= $#; number++)); do
        printf 'disk %d\n\0' $number |
            dd of="${!number}" conv=notrunc status=none
    done
}
