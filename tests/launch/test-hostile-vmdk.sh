#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# VMDK descriptors of every kind that qemu takes for one, whose extent is a
# FIFO, a device or a URI: refused before qemu-img, which opens the extents,
# sees the file, here and on a web server.
. ./functions.sh

requires_plugin file
requires_program qemu-img
mkdir "$tmpdir/www" "$tmpdir/out"
mkfifo "$tmpdir/fifo"
cd "$tmpdir/www"

# descriptor START EXTENT
descriptor ()
{
    printf "$1"
    printf '%s\n' CID=fffffffe parentCID=ffffffff \
        'createType="monolithicFlat"' "RW 2048 FLAT \"$2\" 0" \
        'ddb.adapterType="ide"'
}
extents=(
    "$tmpdir/fifo"
    /dev/null
    "nbd+unix:///?socket=$tmpdir/nobody"
)
starts=(
    '# Disk DescriptorFile\nversion=1\n'
    'version=1\n'
    'version=2\r\n'
    '# comment\n#\0\n   \n \r\nversion=3\n'
)
for i in "${!starts[@]}"; do
    for j in "${!extents[@]}"; do
        descriptor "${starts[i]}" "${extents[j]}" >"$i-$j.vmdk"
    done
done
# Larger than any descriptor: of a disk that begins like one.
descriptor "${starts[0]}" "$tmpdir/fifo" >large.vmdk
truncate -s 2M large.vmdk
start_nginx

# refused REASON ARG...
refused ()
{
    local reason=$1

    shift
    run_expecting 4 timeout 100 "${tool[@]}" -x -os "$tmpdir/out" -on guest \
        "$@"
    expect_error "$reason"
    # -x shows what was run.
    expect_stderr '\+ .*nbdkit'
    expect_not grep '+ .*qemu-img info' "$out" "$err"
    expect test -z "$(ls -A "$tmpdir/out")"
    expect_nothing_left
}
for image in *; do
    refused 'is a VMDK descriptor' "$tmpdir/www/$image"
    refused 'is a VMDK descriptor' -if vmdk "$http_url/$image"
done

# With -if vmdk qemu takes any text for a descriptor.
descriptor 'something else\n' "$tmpdir/fifo" >text.vmdk
refused 'is not a VMDK' -if vmdk "$tmpdir/www/text.vmdk"
refused 'is not a VMDK' -if vmdk "$http_url/text.vmdk"
