#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An archive, a compressed file or a backup is not taken for a disk: status 4,
# with what to do instead.  What only begins alike is copied.
. ./functions.sh

requires_plugin file
requires_program python3 gzip xz bzip2 tar
mkdir "$tmpdir/o"
cd "$tmpdir"

# refused FILE WHAT HINT
refused ()
{
    run_expecting 4:unsupported:false v2v-nbdkit-launch "$1" -os o -on g
    expect_error "$1 is $2, not a disk"
    expect_hint "$3"
    expect test -z "$(ls -A o)"
}

make_disk d.img 3M
gzip -nk d.img
xz -k d.img
bzip2 -k d.img
xz -k --format=lzma d.img
xz -c --format=lzma -9 d.img >d.9
refused d.img.lzma 'a file compressed by lzma' 'xz -d'
refused d.9 'a file compressed by lzma' 'xz -d'
refused d.img.gz 'a gzip-compressed file' 'gzip'
refused d.img.xz 'a file compressed by xz' 'xz'
refused d.img.bz2 'a file compressed by bzip2' 'bzip2 -d|filter=bzip2'
for program in zstd lz4 lzop lzip zip 7z; do
    type -P $program >/dev/null || continue
    case $program in
        zip) zip -q d.zip d.img; refused d.zip 'a zip archive' '-i ova' ;;
        7z) 7z a -bd d.7z d.img; refused d.7z 'a 7-Zip archive' unpack ;;
        *) $program -c d.img >d.$program
           refused d.$program "a file compressed by $program" "$program -d" ;;
    esac
done

# Each form of tar: by its first header's checksum.
for form in v7 ustar gnu pax; do
    tar --format=$form -cf d.tar d.img
    refused d.tar 'a tar archive' '-i ova'
done
mkdir box
cp d.img box
echo '<Envelope/>' >box/g.ovf
tar -cf d.ova box/d.img box/g.ovf
refused d.ova 'an OVA' '-i ova'
tar --format=pax -cf d.ova box
refused d.ova 'an OVA' '-i ova'
mkdir Ref:4
head -c 1M /dev/zero >Ref:4/00000000
echo '<?xml version="1.0"?><value><struct/></value>' >ova.xml
tar --format=ustar -cf d.xva ova.xml Ref:4/00000000
refused d.xva 'an XVA \(XenServer, XCP-ng\)' 'xe vdi-export'
run_expecting 4:unsupported:false v2v-nbdkit-launch -i ova d.xva -os o -on g
expect_error 'd.xva holds no .ovf file'
expect_hint 'XVA.*xe vdi-export'

# start NAME BYTES: a file that begins with these (printf), and goes on.
start ()
{
    make_disk "$1" 1M
    # shellcheck disable=SC2059
    printf "$2" | dd of="$1" conv=notrunc status=none
}
while read -r name bytes what hint; do
    start "$name" "$bytes"
    refused "$name" "${what//_/ }.*" "$hint"
done <<'END'
vma VMA\0\0\0\0\1 a_Proxmox_VE_backup vma.extract
e01 EVF\t\r\n\377\0\1 an_EWF ewfexport
ex01 EVF2\r\n\201\0\2 an_EWF ewfexport
rar Rar!\32\7\1\0 a_RAR_archive unpack
wim MSWIM\0\0\0\320 a_Windows_image apply
pc partclone-image\0002 a_partclone_image partclone.restore
save LibvirtQemudSave\2 a_saved_VM_state disk
pzst P*M\030\4\0\0\0\1\0\0\0(\265/\375 a_file_compressed_by_zstd zstd.-d
lzo \211LZO\0\r\n\32\n\20 a_file_compressed_by_lzop lzop.-d
END

# Disks.
start zeroes '\0\0\0\0'
start gzip-flags '\037\213\010\340'
start gzip-system '\037\213\010\0\0\0\0\0\0\125'
start bzip2 'BZh9 is no magic'
start lz4 '\004\042\115\030\377'
start vma 'VMA\0\1\1\1\1'
start pk 'PK!!'
start skip 'P*M\030\4\0\0\0\1\0\0\0(\265/\374'
start skip-far 'P*M\030\371\3\0\0'
start text 'VMware is no VMX'
cp d.tar tar
printf x | dd of=tar conv=notrunc status=none
# A sum that is right by chance: 0, of signed bytes.
make_disk sum 1M
python3 - <<'END'
with open('sum', 'r+b') as disk:
    block = bytearray(disk.read(512))
    block[148:156] = b'\0abcdefg'
    at = 256
    def total():
        return 8 * 32 + sum(b - 256 if b > 127 else b for i, b
                            in enumerate(block) if not 148 <= i < 156)
    while total() != 0:
        t = total()
        old = block[at] - 256 if block[at] > 127 else block[at]
        block[at] = max(-128, min(127, old - t)) & 255
        at += 1
    disk.seek(0)
    disk.write(block)
END
for disk in sum skip skip-far zeroes gzip-flags gzip-system bzip2 lz4 vma pk \
    text tar; do
    run_expecting 0 v2v-nbdkit-launch $disk -os o -on g
    expect cmp $disk o/g-sda
    rm o/*
done

# The user's word counts.
run_expecting 0 v2v-nbdkit-launch -if raw d.xva -os o -on g
expect cmp d.xva o/g-sda
rm o/*
expect_nothing_left
