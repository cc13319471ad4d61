#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The header of a piece of a split VMDK is rewritten in place, so that it names
# a file of this host: when qemu-nbd starts, which then reads the disk as it
# was; and before that, which is refused.  Nothing but the kept header holds
# this: the programs are not confined.
. ./functions.sh
. "$abs_srcdir/changing.sh"

requires_plugin nbd
requires_program qemu-img
requires_program qemu-nbd
make_secret
make_disk_for_changing
mkdir "$tmpdir/bin"
vm="$tmpdir/a vm, odd=100%"
make_vmx "$vm"
add_vmx_disk "$vm" scsi0:1 "disk 2.vmdk"
rm "$vm/disk "*

# Each disk: a flat piece, then sparse ones, of which one is changed.
random_bytes flat | head -c 512 >"$vm/flat"
for disk in "disk 1" "disk 2"; do
    qemu-img convert -f raw -O vmdk -o subformat=twoGbMaxExtentSparse \
        "$tmpdir/disk" "$vm/$disk.vmdk"
    cp "$vm/$disk-s001.vmdk" "$vm/$disk-s002.vmdk"
    sed -i -e '/^RW/{h;s/-s001/-s002/;x;G;i RW 1 FLAT "flat" 0' -e '}' \
        "$vm/$disk.vmdk"
done
cat "$vm/flat" "$tmpdir/disk" "$tmpdir/disk" >"$tmpdir/whole"
cp "$vm/disk 2-s002.vmdk" "$tmpdir/good"

# Without a capacity it is a wrapper around its descriptor.
cp "$tmpdir/good" "$tmpdir/capacity"
write_zeroes "$tmpdir/capacity" 12 8
write_zeroes "$tmpdir/capacity" 512 10240
write_from "$tmpdir/capacity" 512 10240 < <(descriptor)
write_from "$tmpdir/capacity" 28 16 \
    < <(printf '\1\0\0\0\0\0\0\0\24\0\0\0\0\0\0\0')
# qemu would read the file of the host.
cp -r "$vm" "$tmpdir/try"
cp "$tmpdir/capacity" "$tmpdir/try/disk 2-s002.vmdk"
qemu-img convert -f vmdk -O raw "$tmpdir/try/disk 2.vmdk" "$tmpdir/tried"
expect grep -aq "$secret_mark" "$tmpdir/tried"
cp "$tmpdir/good" "$tmpdir/text"
write_zeroes "$tmpdir/text" 0 65536
write_from "$tmpdir/text" 0 1024 < <(descriptor)

# rewriting AT FILE: the qemu-nbd of the disk whose socket is AT first lets
# the second disk's last piece be FILE.
rewriting ()
{
    cat >"$tmpdir/bin/qemu-nbd" <<END
#!/usr/bin/env bash
case "\$*" in *$1*) cat "$2" >"$vm/disk 2-s002.vmdk" ;; esac
exec $(type -P qemu-nbd) "\$@"
END
    chmod +x "$tmpdir/bin/qemu-nbd"
}

# run STATUS ARG...
run ()
{
    PATH=$tmpdir/bin:$PATH run_expecting "$1" v2v-nbdkit-launch \
        --confine off -os "$tmpdir/out" -on g "${@:2}"
    expect_no_secret "$tmpdir/out" "$out" "$err"
    expect_nothing_left
    expect cmp "$tmpdir/$evil" "$vm/disk 2-s002.vmdk" # it was done
    cp "$tmpdir/good" "$vm/disk 2-s002.vmdk"
}

mkdir "$tmpdir/out"
for evil in capacity text; do
    rewriting in1 "$tmpdir/$evil"
    # shellcheck disable=SC2016
    run 0 -i vmx "$vm/vm.vmx" --convert '
        qemu-img convert -f raw -O raw "$V2V_OVERLAY_URI_1" '"$tmpdir/read"
    expect_same "$tmpdir/whole" "$tmpdir/read"
    expect_same "$tmpdir/whole" "$tmpdir/out/g-sdb"
    rm "$tmpdir/read" "$tmpdir/out/"*
    rewriting in0 "$tmpdir/$evil"
    run 0 -io allow-backing=true -i disk "$vm/disk 2.vmdk"
    expect_same "$tmpdir/whole" "$tmpdir/out/g-sda"
    rm "$tmpdir/out/"*
    rewriting in0 "$tmpdir/$evil"
    run 4:untrusted-image:false -i vmx "$vm/vm.vmx"
done
