#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Images that name other files of this host, here and on a web server: they
# are refused and nothing of those files gets anywhere.
. ./functions.sh

requires_plugin file
requires_program qemu-img
mkdir "$tmpdir/www" "$tmpdir/out"
secret=$tmpdir/secret
yes sesame-6d1c | head -c 1048576 >"$secret"
remember "$secret"
cd "$tmpdir/www"

qemu-img create -q -f qcow2 -F raw -b "$secret" backing.qcow2
json='json:{"driver":"file","filename":"'$secret'"}'
qemu-img create -q -f qcow2 -F raw -u -b "$json" json.qcow2 1M
qemu-img create -q -f qcow2 -o data_file="$tmpdir/data",data_file_raw=on \
    data.qcow2 1M
cp "$secret" "$tmpdir/data"
qemu-img create -q -f qed -F raw -b "$secret" backing.qed
qemu-img create -q -f vmdk "$tmpdir/base.vmdk" 1M
qemu-img create -q -f vmdk -F vmdk -b "$tmpdir/base.vmdk" delta.vmdk
cp "$secret" "$tmpdir/base.vmdk"
# descriptor TYPE SECTORS EXTENT
descriptor ()
{
    printf '%s\n' '# Disk DescriptorFile' version=1 CID=fffffffe \
        parentCID=ffffffff "createType=\"$1\"" "$3" ddb.adapterType=\"ide\"
}
descriptor monolithicFlat 2048 "RW 2048 FLAT \"$secret\" 0" >flat.vmdk
descriptor twoGbMaxExtentFlat 2048 "RW 2048 FLAT \"../secret\" 0" >two.vmdk
mkfifo "$tmpdir/fifo"
descriptor monolithicFlat 2048 "RW 2048 FLAT \"$tmpdir/fifo\" 0" >fifo.vmdk
start_nginx
for image in *; do
    # -if: what the metadata of a guest may claim.
    for way in "" "-if ${image##*.}" "-if ${image##*.} $http_url"; do
        source=$tmpdir/www
        format=$way reason=untrusted-image
        # Its parent is not read, allowed or not.
        [ $image != delta.vmdk ] || reason=snapshot
        case $way in
            *http*) source=$http_url format="-if ${image##*.}" ;;
        esac
        rm -rf "$tmpdir/out"
        mkdir "$tmpdir/out"
        # shellcheck disable=SC2086
        run_expecting 4:$reason:false timeout 100 "${tool[@]}" \
            $format -os "$tmpdir/out" -on guest "$source/$image"
        expect test -z "$(ls -A "$tmpdir/out")"
        expect_nowhere sesame-6d1c
        expect_nothing_left
    done
done
expect_untouched
