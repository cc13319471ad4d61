# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later

# For tests of images that become other ones, which name a file of this host,
# after they have been looked at.  Sourced after functions.sh.

# The formats in which an image can name files, and how.
changing_kinds=(qcow2-data qcow2-backing qcow-backing qed-backing
                vmdk-capacity vmdk-text)
secret_mark=HOST-FILE-4711

# make_secret: make $tmpdir/secret, a file of this host that must not be read.
make_secret ()
{
    yes "$secret_mark" | head -c 1M >"$tmpdir/secret"
}

# make_disk_for_changing: make $tmpdir/disk.  Its data lie where qemu-img puts
# the first data of a qcow2 image: of an image with a data file qemu reads only
# what has the same place there.
make_disk_for_changing ()
{
    truncate -s 512K "$tmpdir/disk"
    write_random "$tmpdir/disk" 327680 100000
}

# descriptor: print a VMDK descriptor that names the secret.
descriptor ()
{
    printf '%s\n' '# Disk DescriptorFile' version=1 CID=fffffffe \
        parentCID=ffffffff 'createType="monolithicFlat"' \
        "RW 1024 FLAT \"$tmpdir/secret\" 0" 'ddb.adapterType="ide"'
}

# make_changing KIND FILE: make FILE, an image of $tmpdir/disk, and FILE.after,
# which differs from it in what names files.
make_changing ()
{
    local format=${1%-*} file=$2

    qemu-img convert -f raw -O "$format" "$tmpdir/disk" "$file"
    cp "$file" "$file.after"
    case $1 in
        qcow2-data)
            qemu-img create -q -f qcow2 -o data_file="$tmpdir/secret" \
                -o data_file_raw=on "$file.evil" 512K
            make_secret         # qemu-img has emptied it
            ;;
        *-backing)
            qemu-img create -q -f "$format" -b "$tmpdir/secret" -F raw \
                "$file.evil" 512K
            ;;
        vmdk-capacity)
            head -c 64K "$file" >"$file.evil"
            write_zeroes "$file.evil" 12 8
            write_zeroes "$file.evil" 512 10240
            write_from "$file.evil" 512 10240 < <(descriptor)
            ;;
        vmdk-text)
            descriptor >"$file.evil"
            truncate -s 64K "$file.evil"
            ;;
    esac
    dd if="$file.evil" of="$file.after" bs=64K count=1 conv=notrunc \
        status=none
    rm "$file.evil"
}

# expect_no_secret PATH...: nothing there has bytes of the secret.
expect_no_secret ()
{
    expect_not grep -raqs "$secret_mark" "$@"
}
