#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# -i vmx: disks in several files, sparse and flat, arrive whole.
. ./functions.sh

requires_plugin nbd
requires_program qemu-img
requires_program qemu-nbd
vm="$tmpdir/a vm, odd=100%"
mkdir "$tmpdir/out"
make_vmx "$vm"
add_vmx_disk "$vm" scsi0:1 "disk 2.vmdk"
add_vmx_disk "$vm" scsi0:2 "disk 3.vmdk"
rm "$vm/disk "*

# Sparse pieces, and the last one is no multiple of a grain.  (qemu and VMware
# begin another one each 2047 MiB.)
make_disk "$tmpdir/a" $((3276800 + 1536))
lines=()
for n in 1 2 3; do
    tail -c +$(((n - 1) * 1310720 + 1)) "$tmpdir/a" | head -c 1310720 \
        >"$tmpdir/part"
    qemu-img convert -f raw -O vmdk -o subformat=twoGbMaxExtentSparse \
        "$tmpdir/part" "$tmpdir/part.vmdk"
    mv "$tmpdir/part-s001.vmdk" "$vm/disk 1-s00$n.vmdk"
    lines+=("RW $(($(stat -c %s "$tmpdir/part") / 512)) SPARSE \
\"disk 1-s00$n.vmdk\"")
done
# descriptor TYPE LINE...
descriptor ()
{
    printf '%s\n' '# Disk DescriptorFile' version=1 CID=fffffffe \
        parentCID=ffffffff "createType=\"twoGbMaxExtent$1\"" "${@:2}"
}
descriptor Sparse "${lines[@]}" >"$vm/disk 1.vmdk"
cp "$tmpdir/a" "$tmpdir/b"
qemu-img convert -f raw -O vmdk -o subformat=twoGbMaxExtentFlat \
    "$tmpdir/b" "$vm/disk 2.vmdk"

# Three pieces, of which two are in one file.
make_disk "$tmpdir/c" 3M
head -c 1048576 "$tmpdir/c" >"$vm/disk 3-f001.vmdk"
{ random_bytes x | head -c 1024; tail -c +1048577 "$tmpdir/c"; } \
    >"$vm/disk 3-f002.vmdk"
descriptor Flat \
    'RW 2048 FLAT "disk 3-f001.vmdk" 0' 'RW 3000 FLAT "disk 3-f002.vmdk" 2' \
    'RW 1096 FLAT "disk 3-f002.vmdk" 3002' >"$vm/disk 3.vmdk"

remember "$vm"/*
run_expecting 0 v2v-nbdkit-launch -i vmx "$vm/vm.vmx" -o disk \
    -os "$tmpdir/out" -on g --verify
expect_same "$tmpdir/a" "$tmpdir/out/g-sda"
expect_same "$tmpdir/b" "$tmpdir/out/g-sdb"
expect_same "$tmpdir/c" "$tmpdir/out/g-sdc"
expect_untouched
expect_nothing_left

# --dry-run prints what would be run: the lines serve the disk.
run_expecting 0 v2v-nbdkit-launch -i vmx "$vm/vm.vmx" --dry-run
cp "$out" "$tmpdir/lines"
V2VDIR=$tmpdir/v2v
mkdir "$V2VDIR"
export V2VDIR
sed -n 1p "$tmpdir/lines" >"$tmpdir/below.sh"
sed -n 2p "$tmpdir/lines" | sed 's/--exit-with-parent//' >"$tmpdir/nbdkit.sh"
expect grep -q '^qemu-nbd .*in0.vmdk .*&$' "$tmpdir/below.sh"
sed -i 's/ &$//; s/^/exec /' "$tmpdir/below.sh"
sed -i 's/^/exec env /' "$tmpdir/nbdkit.sh"
start_server below sh "$tmpdir/below.sh"
wait_for test -S "$V2VDIR/in0.vmdk"
start_server served sh "$tmpdir/nbdkit.sh"
wait_for test -S "$V2VDIR/in0"
expect qemu-img compare -f raw -F raw "$tmpdir/a" \
    "nbd+unix:///?socket=$V2VDIR/in0"

run_expecting 1:unsupported:false v2v-nbdkit-launch -i vmx "$vm/vm.vmx" \
    --in-place --convert true
expect_error 'only local files, devices and NBD exports can be changed'
