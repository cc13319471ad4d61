#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a server, too, a file of plain sectors is refused if the VMDK descriptor
# beside it says that it is longer, or one of several.
. ./functions.sh

start_nginx
start_sshd
dir=$tmpdir/www/a\ b
mkdir "$dir" "$tmpdir/out"
make_vmx "$dir"
flat="$dir/disk 1-flat.vmdk"
web=$http_url/a%20b
host=ssh://$ssh_user@127.0.0.1:$sshd_port
copy=(v2v-nbdkit-launch "${ssh_options[@]}" -o disk -os "$tmpdir/out" -on g)

sources=("$web/disk%201-flat.vmdk" "$web/disk%201-flat.vmdk?dcPath=dc&dsName=d"
         "$host${dir// /%20}/disk%201-flat.vmdk")
for source in "${sources[@]}"; do
    run_expecting 0 "${copy[@]}" "$source"
    expect_same "$flat" "$tmpdir/out/g-sda"
    rm "$tmpdir/out/"*
done
truncate -s -1k "$flat"
for source in "${sources[@]}"; do
    for check in '' --check; do
        run_expecting 4:unsupported:false "${copy[@]}" $check "$source"
        expect_error '-flat.vmdk.* is incomplete: 1024 bytes are missing'
        expect test -z "$(ls -A "$tmpdir/out")"
    done
done
run_expecting 4:unsupported:false "${copy[@]}" -i vmx -it ssh \
    "$host${dir// /%20}/vm.vmx"
expect_error '-flat.vmdk.* is incomplete: 1024 bytes are missing'

# The user's word; a descriptor of another disk; none.
run_expecting 0 "${copy[@]}" -if raw "${sources[0]}"
cp "$flat" "$dir/other-flat.vmdk"
cp "$dir/disk 1.vmdk" "$dir/other.vmdk"
for source in "$web" "$host${dir// /%20}"; do
    rm "$tmpdir/out/"*
    run_expecting 0 "${copy[@]}" "$source/other-flat.vmdk"
done
rm "$dir/other.vmdk"
for source in "$web" "$host${dir// /%20}"; do
    rm "$tmpdir/out/"*
    run_expecting 0 "${copy[@]}" "$source/other-flat.vmdk"
    expect_same "$flat" "$tmpdir/out/g-sda"
done

# One of several.
cat >"$dir/split.vmdk" <<END
# Disk DescriptorFile
version=1
CID=fffffffe
parentCID=ffffffff
createType="twoGbMaxExtentFlat"
RW 2048 FLAT "split-f001.vmdk" 0
RW 2048 FLAT "split-f002.vmdk" 0
END
for n in 1 2; do
    make_disk "$dir/split-f00$n.vmdk" 1M
done
for source in "$web" "$host${dir// /%20}"; do
    run_expecting 4:unsupported:false "${copy[@]}" "$source/split-f001.vmdk"
    expect_error 'split-f001.vmdk is one piece of a split disk'
    expect_hint 'copy the descriptor and its files'
done
expect_nothing_left
