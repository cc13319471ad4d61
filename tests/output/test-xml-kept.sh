#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A guest's XML is not replaced unless this program wrote it, and never when it
# is what the run reads.
. ./functions.sh

requires_plugin file
mkdir "$tmpdir/out"
make_disk "$tmpdir/disk" 1M
cat >"$tmpdir/out/vm.xml" <<END
<domain type='kvm'>
  <name>vm</name>
  <memory unit='MiB'>64</memory>
  <os><type arch='x86_64'>hvm</type></os>
  <devices><disk type='file' device='disk'>
    <driver name='qemu' type='raw'/>
    <source file='$tmpdir/disk'/><target dev='vda' bus='virtio'/>
  </disk></devices>
</domain>
END
remember "$tmpdir/out/vm.xml" "$tmpdir/disk"

refused ()
{
    run_expecting 2:usage:false v2v-nbdkit-launch -o disk -os "$tmpdir/out" \
        --convert "touch '$tmpdir/converted'" "$@"
    expect_error "$because"
    expect_hint '-on NAME'
    expect_untouched
    expect test ! -e "$tmpdir/converted"
    expect test ! -e "$tmpdir/out/vm-sda"
    expect_nothing_left
}

because='is a file that this run writes'
refused -i libvirtxml "$tmpdir/out/vm.xml"
ln -s out/vm.xml "$tmpdir/link"
refused -i libvirtxml "$tmpdir/link"
because='has not written it'
refused -on vm "$tmpdir/disk"
refused --check -on vm "$tmpdir/disk"
cp "$tmpdir/out/vm.xml" "$tmpdir/in.xml"
refused -i libvirtxml "$tmpdir/in.xml"

# Nor is one that comes while the disks are copied, nor the disks of its guest.
copy=(v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on came --convert
      "cp '$tmpdir/in.xml' '$tmpdir/out/came.xml'" "$tmpdir/disk")
run_expecting 6:write:false:true "${copy[@]}"
expect_error 'has not written it'
expect_hint 'move the file away.*--resume'
expect cmp "$tmpdir/in.xml" "$tmpdir/out/came.xml"
expect test ! -e "$tmpdir/out/came-sda"
rm "$tmpdir/out/came.xml"
run_expecting 0 "${copy[@]}" --resume
expect_same "$tmpdir/disk" "$tmpdir/out/came-sda"
expect grep -q came-sda "$tmpdir/out/came.xml"

# Our own is replaced, also after libvirt has had it.
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/out/vm.xml" \
    -o disk -os "$tmpdir/out" -on copy
run_expecting 0 v2v-nbdkit-launch -i libvirtxml "$tmpdir/out/vm.xml" \
    -o disk -os "$tmpdir/out" -on copy
expect_same "$tmpdir/disk" "$tmpdir/out/copy-sda"
# But not by what was read from it.
sed -i "s,$tmpdir/out/copy-sda,$tmpdir/disk," "$tmpdir/out/copy.xml"
remember "$tmpdir/out/copy.xml" "$tmpdir/out/copy-sda" "$tmpdir/out/vm.xml"
run_expecting 2:usage:false v2v-nbdkit-launch -i libvirtxml \
    "$tmpdir/out/copy.xml" -o disk -os "$tmpdir/out"
expect_error 'is a file that this run writes'
expect_hint '-on NAME'
expect_untouched
if type -P virsh >/dev/null; then
    virsh -c test:///default \
        "define $tmpdir/out/copy.xml; dumpxml copy" >"$tmpdir/dumped" ||
        fail "libvirt does not take our XML"
    sed -n '/<domain/,/<\/domain>/p' "$tmpdir/dumped" >"$tmpdir/out/copy.xml"
    run_expecting 0 v2v-nbdkit-launch -o disk -os "$tmpdir/out" -on copy \
        "$tmpdir/disk"
fi

# What the run writes beside the guest is not written over it.
for option in --log --report --result-file; do
    # What is refused is not written, and so it tells no reason.
    [ $option = --result-file ] && expected=2 || expected=2:usage:false
    for name in copy2.xml copy2-sda copy2.part/sda copy2.part/x; do
        mkdir -p -m 700 "$tmpdir/out/copy2.part"
        run_expecting $expected v2v-nbdkit-launch -o disk \
            -os "$tmpdir/out" -on copy2 $option "$tmpdir/out/$name" \
            "$tmpdir/disk"
        expect_error "is a file that this run writes"
        expect test ! -e "$tmpdir/out/$name"
    done
done
expect test ! -e "$tmpdir/out/copy2-sda"
expect_same "$tmpdir/disk" "$tmpdir/out/copy-sda"
expect_nothing_left
