#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A VMDK that holds only what differs from a parent, however it says so, is
# refused as a part of a snapshot: with -i disk, over http, and with -i vmx.
. ./functions.sh

requires_plugin file
requires_plugin curl
requires_program qemu-img
mkdir "$tmpdir/www"
cd "$tmpdir/www"
make_vmx "$tmpdir/vm"
uuid=cee4af6c-670f-4521-98d6-73aeadc3204c

# text FILE SED...: change the descriptor inside, in the space there is.
text ()
{
    local file=$1 at len

    shift
    qemu-img create -q -f vmdk "$file" 1M
    at=$(($(od -An -tu4 -j28 -N4 "$file") * 512))
    len=$(($(od -An -tu4 -j36 -N4 "$file") * 512))
    tail -c +$((at + 1)) "$file" | head -c $len | tr -d '\0' |
        sed "$@" >"$tmpdir/text"
    truncate -s $len "$tmpdir/text"
    dd if="$tmpdir/text" of="$file" bs=512 seek=$((at / 512)) \
        conv=notrunc status=none
}

text virtualbox.vmdk '$a ddb.uuid.image="d234ebcb-89c9-4950-8426-1fc0f4c3c822"\
ddb.uuid.parent="'$uuid'"'
text cid.vmdk 's/parentCID=.*/parentCID=2f5b0e1c/'
text hint.vmdk 's/parentCID=.*/parentCID=2f5b0e1c\
parentFileNameHint="base.vmdk"/'
printf 'COWD\1\0\0\0' >cowd.vmdk
printf '\276\272\376\312\0\0\0\0\1\0\0\0\2\0\0\0' >sesparse.vmdk
truncate -s 64K cowd.vmdk sesparse.vmdk
printf '%s\n' '# Disk DescriptorFile' version=1 CID=fffffffe \
    parentCID=1234abcd 'createType="vmfsSparse"' \
    'parentFileNameHint="disk.vmdk"' \
    'RW 2048 VMFSSPARSE "cowd.vmdk"' >text.vmdk
# A snapshot whose own file is a flat one.
sed 's/^RW .*/RW 2048 VMFS ".flat"/' text.vmdk >text-flat.vmdk
truncate -s 1M .flat
start_nginx

for image in *; do
    cp "$image" "$tmpdir/vm/disk 1.vmdk"
    for source in "$tmpdir/www/$image" "-if vmdk $http_url/$image" \
        "-io allow-backing=true $tmpdir/www/$image" \
        "-i vmx $tmpdir/vm/vm.vmx"; do
        # shellcheck disable=SC2086
        run_expecting 4:snapshot:false v2v-nbdkit-launch -o null $source
        expect_error 'belongs to a snapshot and holds only'
        case $image in
            virtualbox*) expect_error "its parent, $uuid" ;;
            hint*) expect_error 'its parent, base.vmdk' ;;
            text*) expect_error 'its parent, disk.vmdk' ;;
        esac
        expect_hint 'consolidate'
        expect_no_stderr 'give the disk itself'
    done
done

# No parent.
text none.vmdk '$a ddb.uuid.parent="00000000-0000-0000-0000-000000000000"'
run_expecting 0 v2v-nbdkit-launch -o null none.vmdk
expect_nothing_left
