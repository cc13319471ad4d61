#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# --changed-extents takes a list as vSphere's clients, PowerShell and nbdinfo
# write it; one that means something else is refused.
. ./functions.sh

requires_plugin file
requires_program iconv nbdinfo qemu-img qemu-io qemu-nbd
make_disk "$tmpdir/disk" 1M
list="$tmpdir/the list"
target=$tmpdir/target

# start_over: the target lacks what changed, at 131072.
start_over ()
{
    cp "$tmpdir/disk" "$target"
    write_random "$target" 131072 65536
}

# takes NAME: the list, which is on stdin.
takes ()
{
    cat >"$list"
    start_over
    run_expecting 0 v2v-nbdkit-launch -q -o device -oo path="$target" \
        --changed-extents "$list" "$tmpdir/disk"
    expect_same "$tmpdir/disk" "$target"
}

# refuses WHY HINT: the list, which is on stdin.
refuses ()
{
    cat >"$list"
    cp "$target" "$tmpdir/before"
    run_expecting 2:usage:false v2v-nbdkit-launch -q -o device \
        -oo path="$target" --changed-extents "$list" "$tmpdir/disk"
    expect_error "$1"
    expect_hint "$2"
    expect_same "$tmpdir/before" "$target"
}

json='{"StartOffset":0,"Length":1048576,
 "ChangedArea":{"Start":"131072","Length":"65536"}}'
takes <<<"$json"
for encoding in UTF-8 UTF-16LE UTF-16BE; do
    # PowerShell ends its lines with CR LF.
    takes < <(printf '\357\273\277%s\n' "$json" | sed 's/$/\r/' |
                  iconv -f UTF-8 -t $encoding)
done
takes < <(iconv -f UTF-8 -t UTF-16LE <<<"$json")

soap ()
{
    cat <<END
<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body>
<QueryChangedDiskAreasResponse xmlns="urn:vim25">$1
</QueryChangedDiskAreasResponse>
</soapenv:Body>
</soapenv:Envelope>
END
}
first='<returnval><startOffset>0</startOffset><length>524288</length>
<changedArea><start>131072</start><length>65536</length></changedArea>
</returnval>'
second='<returnval><startOffset>524288</startOffset><length>524288</length>
</returnval>'
takes < <(soap "$first"; soap "$second")
takes < <(soap "$first$second" | iconv -f UTF-8 -t UTF-16)
refuses 'from offset 524288' 'call it again' < <(soap "$first")
refuses 'The session is not authenticated$' 'call it again' < <(
    soap '<soapenv:Fault><faultcode>ServerFaultCode</faultcode>
<faultstring>The session is not authenticated.</faultstring>
</soapenv:Fault>')

takes <<'END'
(vim.VirtualMachine.DiskChangeInfo) {
   dynamicType = <unset>,
   dynamicProperty = (vmodl.DynamicProperty) [],
   startOffset = 0,
   length = 1048576,
   changedArea = (vim.VirtualMachine.DiskChangeInfo.DiskChangeExtent) [
      (vim.VirtualMachine.DiskChangeInfo.DiskChangeExtent) {
         dynamicType = <unset>,
         dynamicProperty = (vmodl.DynamicProperty) [],
         start = 131072,
         length = 65536
      }
   ]
}
END
refuses 'changedArea" is not an array' 'ConvertTo-Json -Depth' <<'END'
{"StartOffset":0,"Length":1048576,
 "ChangedArea":["VMware.Vim.DiskChangeExtent"]}
END

# The maps of a bitmap, as programs print them.
qemu-img create -q -f qcow2 "$tmpdir/image" 1M
qemu-img bitmap --add "$tmpdir/image" b0
qemu-io -f qcow2 -c 'write -P 7 128k 64k' "$tmpdir/image" >/dev/null
start_qemu_nbd bitmap --read-only --format=qcow2 --bitmap=b0 "$tmpdir/image"
uri=$qemu_nbd_uri
bitmap=qemu:dirty-bitmap:b0
takes < <(nbdinfo --map=$bitmap --json "$uri")
refuses 'dirty bitmap' "nbd:qemu:dirty-bitmap" < <(nbdinfo --map --json "$uri")
refuses 'neither' 'nbdinfo .* --json' < <(nbdinfo --map=$bitmap "$uri")
refuses 'qemu-img map' 'nbd:qemu:dirty-bitmap' < <(
    qemu-img map --output=json --image-opts \
        "driver=nbd,server.type=unix,server.path=$tmpdir/bitmap.sock,\
x-dirty-bitmap=$bitmap")
refuses 'qemu-img map' 'nbd:qemu:dirty-bitmap' < <(
    qemu-img map --output=json -f raw "$tmpdir/disk")
expect_nothing_left
